//! All rules, one file each.

mod always_outscored;
mod ambiguous_scalar;
mod analysis_incomplete;
mod arbitration_not_served;
mod attribute_declaration;
mod audience_levels;
mod author_without_address;
mod bare_event;
mod cap_too_long;
mod case_never_taken;
mod category_without_events;
mod channel_direction;
mod channel_without_goal;
mod channel_without_scenario;
mod condition_changed;
mod condition_too_long;
mod confusable_character;
mod content_of_the_zone;
mod contract_changed;
mod contract_removed;
mod double_negation;
mod draft_text;
mod duplicate_key;
mod empty_text;
mod ends_before_it_begins;
mod environment_mistake;
mod event_nobody_posts;
mod event_of_no_use;
mod everybody_matches;
mod expired_but_used;
mod fallback_may_fail;
mod fewer_offers_than_places;
mod fields_differ_by_locale;
mod flowchart_cycle;
mod flowchart_otherwise;
mod format_raised;
mod goal_counts_showings;
mod goal_is_over;
mod granted_without_basis;
mod history_not_kept;
mod idle_zone;
mod limit_never_reached;
mod link_never_used;
mod local_address;
mod locale_missing;
mod locale_not_served;
mod malformed_value;
mod mark_of_unknown_component;
mod marks_of_the_wrong_kind;
mod measure;
mod message_field_missing;
mod message_on_inbound_channel;
mod message_without_consent;
mod missing_field;
mod missing_value_trap;
mod misspelt_name;
mod name_used_again;
mod names_alike;
mod never_eligible;
mod never_used;
mod no_treatment;
mod nobody_matches;
mod not_a_condition;
mod not_a_regular_file;
mod not_in_this_version;
mod not_utf_8;
mod not_yaml;
mod offers_changed;
mod otherwise_never_taken;
mod out_of_bounds;
mod out_of_reach;
mod outside_the_subset;
mod over_limit;
mod overlapping_cases;
mod person_without_role;
mod personal_data_in_address;
mod personal_data_in_event;
mod placeholder;
mod point_without_fallback;
mod point_without_scenario;
mod point_without_touchpoint;
mod policy_without_effect;
mod profile_changed;
mod property_declaration;
mod purpose_never_used;
mod purpose_of_another_channel;
mod quiet_hours;
mod recursive_segment;
mod redundant_part;
mod rule_cannot_be_lowered;
mod rule_twice;
mod rule_without_effect;
mod same_name_twice;
mod same_people;
mod same_text_in_two_locales;
mod scenario_before_start;
mod scenario_value;
mod scenario_without_expectation;
mod score_may_be_unknown;
mod score_out_of_range;
mod secret_in_clear;
mod series_broken;
mod shown_but_never_accepted;
mod starving_zone;
mod suppression_expired;
mod suppression_malformed;
mod suppression_unused;
mod target_below_baseline;
mod text_longer_than_the_medium;
mod tie;
mod touchpoint_uses_nothing;
mod touchpoint_uses_unknown;
mod type_error;
mod unknown_field;
mod unknown_name;
mod unknown_name_in_condition;
mod unknown_node;
mod unknown_offer;
mod unknown_place;
mod unknown_rule;
mod unknown_signal;
mod unreachable_node;
mod unsupported_format;
mod unsupported_in_environment;
mod unsupported_yaml;
mod value_outside;
mod variable_not_here;
mod weaker_than_its_origin;
mod whole_number_too_large;
mod window_of_time;
mod workspace_locales;
mod worthless_in_value_zone;
mod wrong_type;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use taiwa_text::Finding;

use crate::{Check, Context, Rule};

pub(crate) use self::{
    suppression_expired::SUPPRESSION_EXPIRED, suppression_malformed::SUPPRESSION_MALFORMED,
    suppression_unused::SUPPRESSION_UNUSED,
};

/// Every rule, ordered by code.
pub static ALL: &[&Rule] = &[
    &not_yaml::NOT_YAML,
    &duplicate_key::DUPLICATE_KEY,
    &unknown_field::UNKNOWN_FIELD,
    &wrong_type::WRONG_TYPE,
    &missing_field::MISSING_FIELD,
    &ambiguous_scalar::AMBIGUOUS_SCALAR,
    &unsupported_yaml::UNSUPPORTED_YAML,
    &over_limit::OVER_LIMIT,
    &whole_number_too_large::WHOLE_NUMBER_TOO_LARGE,
    &confusable_character::CONFUSABLE_CHARACTER,
    &unsupported_format::UNSUPPORTED_FORMAT,
    &not_utf_8::NOT_UTF_8,
    &unknown_place::UNKNOWN_PLACE,
    &misspelt_name::MISSPELT_NAME,
    &not_a_regular_file::NOT_A_REGULAR_FILE,
    &malformed_value::MALFORMED_VALUE,
    &not_in_this_version::NOT_IN_THIS_VERSION,
    &out_of_bounds::OUT_OF_BOUNDS,
    &analysis_incomplete::ANALYSIS_INCOMPLETE,
    &unknown_offer::UNKNOWN_OFFER,
    &unknown_name::UNKNOWN_NAME,
    &same_name_twice::SAME_NAME_TWICE,
    &never_used::NEVER_USED,
    &flowchart_cycle::FLOWCHART_CYCLE,
    &names_alike::NAMES_ALIKE,
    &name_used_again::NAME_USED_AGAIN,
    &out_of_reach::OUT_OF_REACH,
    &bare_event::BARE_EVENT,
    &unreachable_node::UNREACHABLE_NODE,
    &flowchart_otherwise::FLOWCHART_OTHERWISE,
    &unknown_node::UNKNOWN_NODE,
    &channel_direction::CHANNEL_DIRECTION,
    &unknown_signal::UNKNOWN_SIGNAL,
    &quiet_hours::QUIET_HOURS,
    &scenario_before_start::SCENARIO_BEFORE_START,
    &scenario_value::SCENARIO_VALUE,
    &scenario_without_expectation::SCENARIO_WITHOUT_EXPECTATION,
    &attribute_declaration::ATTRIBUTE_DECLARATION,
    &audience_levels::AUDIENCE_LEVELS,
    &workspace_locales::WORKSPACE_LOCALES,
    &property_declaration::PROPERTY_DECLARATION,
    &touchpoint_uses_unknown::TOUCHPOINT_USES_UNKNOWN,
    &point_without_touchpoint::POINT_WITHOUT_TOUCHPOINT,
    &event_nobody_posts::EVENT_NOBODY_POSTS,
    &event_of_no_use::EVENT_OF_NO_USE,
    &category_without_events::CATEGORY_WITHOUT_EVENTS,
    &touchpoint_uses_nothing::TOUCHPOINT_USES_NOTHING,
    &nobody_matches::NOBODY_MATCHES,
    &everybody_matches::EVERYBODY_MATCHES,
    &type_error::TYPE_ERROR,
    &value_outside::VALUE_OUTSIDE,
    &recursive_segment::RECURSIVE_SEGMENT,
    &redundant_part::REDUNDANT_PART,
    &missing_value_trap::MISSING_VALUE_TRAP,
    &same_people::SAME_PEOPLE,
    &rule_without_effect::RULE_WITHOUT_EFFECT,
    &condition_too_long::CONDITION_TOO_LONG,
    &double_negation::DOUBLE_NEGATION,
    &not_a_condition::NOT_A_CONDITION,
    &unknown_name_in_condition::UNKNOWN_NAME_IN_CONDITION,
    &outside_the_subset::OUTSIDE_THE_SUBSET,
    &score_may_be_unknown::SCORE_MAY_BE_UNKNOWN,
    &window_of_time::WINDOW_OF_TIME,
    &variable_not_here::VARIABLE_NOT_HERE,
    &overlapping_cases::OVERLAPPING_CASES,
    &case_never_taken::CASE_NEVER_TAKEN,
    &otherwise_never_taken::OTHERWISE_NEVER_TAKEN,
    &ends_before_it_begins::ENDS_BEFORE_IT_BEGINS,
    &expired_but_used::EXPIRED_BUT_USED,
    &starving_zone::STARVING_ZONE,
    &point_without_fallback::POINT_WITHOUT_FALLBACK,
    &always_outscored::ALWAYS_OUTSCORED,
    &never_eligible::NEVER_ELIGIBLE,
    &fallback_may_fail::FALLBACK_MAY_FAIL,
    &fewer_offers_than_places::FEWER_OFFERS_THAN_PLACES,
    &tie::TIE,
    &locale_missing::LOCALE_MISSING,
    &placeholder::PLACEHOLDER,
    &content_of_the_zone::CONTENT_OF_THE_ZONE,
    &no_treatment::NO_TREATMENT,
    &arbitration_not_served::ARBITRATION_NOT_SERVED,
    &worthless_in_value_zone::WORTHLESS_IN_VALUE_ZONE,
    &idle_zone::IDLE_ZONE,
    &fields_differ_by_locale::FIELDS_DIFFER_BY_LOCALE,
    &same_text_in_two_locales::SAME_TEXT_IN_TWO_LOCALES,
    &message_field_missing::MESSAGE_FIELD_MISSING,
    &link_never_used::LINK_NEVER_USED,
    &locale_not_served::LOCALE_NOT_SERVED,
    &score_out_of_range::SCORE_OUT_OF_RANGE,
    &rule_twice::RULE_TWICE,
    &message_on_inbound_channel::MESSAGE_ON_INBOUND_CHANNEL,
    &cap_too_long::CAP_TOO_LONG,
    &text_longer_than_the_medium::TEXT_LONGER_THAN_THE_MEDIUM,
    &draft_text::DRAFT_TEXT,
    &empty_text::EMPTY_TEXT,
    &limit_never_reached::LIMIT_NEVER_REACHED,
    &channel_without_goal::CHANNEL_WITHOUT_GOAL,
    &goal_counts_showings::GOAL_COUNTS_SHOWINGS,
    &target_below_baseline::TARGET_BELOW_BASELINE,
    &measure::MEASURE,
    &goal_is_over::GOAL_IS_OVER,
    &channel_without_scenario::CHANNEL_WITHOUT_SCENARIO,
    &point_without_scenario::POINT_WITHOUT_SCENARIO,
    &shown_but_never_accepted::SHOWN_BUT_NEVER_ACCEPTED,
    &policy_without_effect::POLICY_WITHOUT_EFFECT,
    &message_without_consent::MESSAGE_WITHOUT_CONSENT,
    &personal_data_in_event::PERSONAL_DATA_IN_EVENT,
    &secret_in_clear::SECRET_IN_CLEAR,
    &granted_without_basis::GRANTED_WITHOUT_BASIS,
    &purpose_of_another_channel::PURPOSE_OF_ANOTHER_CHANNEL,
    &purpose_never_used::PURPOSE_NEVER_USED,
    &personal_data_in_address::PERSONAL_DATA_IN_ADDRESS,
    &environment_mistake::ENVIRONMENT_MISTAKE,
    &unsupported_in_environment::UNSUPPORTED_IN_ENVIRONMENT,
    &local_address::LOCAL_ADDRESS,
    &mark_of_unknown_component::MARK_OF_UNKNOWN_COMPONENT,
    &marks_of_the_wrong_kind::MARKS_OF_THE_WRONG_KIND,
    &weaker_than_its_origin::WEAKER_THAN_ITS_ORIGIN,
    &person_without_role::PERSON_WITHOUT_ROLE,
    &author_without_address::AUTHOR_WITHOUT_ADDRESS,
    &suppression_malformed::SUPPRESSION_MALFORMED,
    &suppression_expired::SUPPRESSION_EXPIRED,
    &suppression_unused::SUPPRESSION_UNUSED,
    &unknown_rule::UNKNOWN_RULE,
    &rule_cannot_be_lowered::RULE_CANNOT_BE_LOWERED,
    &contract_removed::CONTRACT_REMOVED,
    &contract_changed::CONTRACT_CHANGED,
    &history_not_kept::HISTORY_NOT_KEPT,
    &condition_changed::CONDITION_CHANGED,
    &series_broken::SERIES_BROKEN,
    &format_raised::FORMAT_RAISED,
    &offers_changed::OFFERS_CHANGED,
    &profile_changed::PROFILE_CHANGED,
];

/// Codes of rules that are gone. They never return with another meaning.
pub static RETIRED: &[&str] = &[];

/// The rule with a code.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    ALL.binary_search_by(|it| it.code.cmp(code)).ok().and_then(|it| ALL.get(it)).copied()
}

/// Runs every rule that looks at the project alone: those about meaning one after the other, the others beside them on as many
/// threads as there are. Findings come in the order of the rules, whoever was done first.
pub(crate) fn run(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let found = |rule: &&'static Rule| {
        let mut found = Vec::new();
        if let Check::Project(check) | Check::Meaning(check) = rule.check {
            check(cx, &mut found);
        }
        found
    };
    let asks = |rule: &Rule| matches!(rule.check, Check::Meaning(_));
    let asking = || ALL.iter().map(|it| if asks(it) { found(it) } else { Vec::new() }).collect();
    let others = || {
        let plain = ALL.par_iter().map(|it| if asks(it) { Vec::new() } else { found(it) });
        let mut of_conditions = Vec::new();
        conditions(cx, &mut of_conditions);
        (of_conditions, plain.collect())
    };
    let (asking, (of_conditions, others)): (Vec<Vec<_>>, (_, Vec<Vec<_>>)) =
        rayon::join(asking, others);
    findings.extend(of_conditions);
    for (one, other) in asking.into_iter().zip(others) {
        findings.extend(one);
        findings.extend(other);
    }
}

/// The rule about names in conditions.
const UNKNOWN: &str = "TW0318";

/// What the checker of conditions says, in the words and with the levels of its rules.
fn conditions(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter() {
        for remark in &site.checked.remarks {
            let word = site.text.get(remark.span.start as usize..remark.span.end as usize);
            let word = word.unwrap_or_default().trim_matches(['"', '\'']);
            if remark.code == UNKNOWN && cx.may_be_declared(word, &site.component) {
                continue;
            }
            let place = cx.project.condition_place(&site.component, &site.path, remark.span);
            let mut finding = Finding::error(remark.code, place, remark.message.clone())
                .component(&site.component);
            finding.help.clone_from(&remark.help);
            finding.fix = remark
                .fix
                .clone()
                .and_then(|it| cx.project.condition_fix(&site.component, &site.path, it));
            finding.severity = match by_code(remark.code) {
                Some(rule) => rule.level.at(cx.options.stage).max(remark.severity),
                None => remark.severity,
            };
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    /// A rule that asks from several threads would share the budget in the order of chance.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test reads the sources")]
    fn whoever_asks_what_conditions_mean_says_so() {
        let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let mut asking = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("mod.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let asks = ["cx.analysis()", "forks(cx)", "is_for_everybody(cx"];
            let asks = asks.iter().any(|it| text.contains(it));
            assert!(!(asks && text.contains("Check::Project(check)")), "{}", path.display());
            asking += usize::from(asks && text.contains("Check::Meaning(check)"));
        }
        assert!(asking >= 12, "{asking}");
    }
}
