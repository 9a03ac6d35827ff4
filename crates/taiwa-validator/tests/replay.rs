//! What the analysis claims is tried on the real decision engine: on drawn workspaces, with drawn people, and with the
//! people that the findings show.
#![expect(clippy::unwrap_used, reason = "test edge: what is drawn here is well-formed")]

mod base;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};
use taiwa_config::Project;
use taiwa_decide::Compiled;
use taiwa_model::{Components, Given, Kind, Localized, Node, OfferName, Timestamp};
use taiwa_text::Finding;
use taiwa_validator::{Options, Stage, check};
use worlds::{Dice, NOW, POINTS, SEGMENTS, Visitor, engine, given, person, project, workspace};

const WEB: &str = "web-store";

/// A drawn workspace with what is said about it, and people to ask.
struct Case {
    files: Vec<base::Stored>,
    project: Project,
    engine: Compiled,
    findings: Vec<Finding>,
    people: Vec<Given>,
}

impl Case {
    fn new(files: Vec<base::Stored>, people: Vec<Given>) -> Self {
        let project = project(&files);
        let engine = engine(&project.components).unwrap_or_else(|it| panic!("{it}"));
        let options = Options { at: Timestamp::parse(NOW).unwrap(), stage: Stage::Edit };
        let (_, parsing) = taiwa_config::load(files.iter().map(base::input).collect());
        let findings = check(&project, parsing, &options).findings;
        let mut case = Self { files, project, engine, findings, people };
        // Whoever a finding shows is asked about all the others, too.
        let shown: Vec<Given> = case.findings.iter().filter_map(|it| case.shown(it)).collect();
        case.people.extend(shown);
        case
    }

    /// The person that a finding shows, pasted into a scenario.
    fn shown(&self, finding: &Finding) -> Option<Given> {
        let witness = finding.witness.as_ref().filter(|it| !it.given.is_empty())?;
        Some(given(&self.files, &witness.given).unwrap_or_else(|it| panic!("{it}")))
    }

    fn fail(&self, finding: &Finding, said: &str) -> ! {
        let files: Vec<String> =
            self.files.iter().map(|it| format!("# {}\n{}", it.0, it.1)).collect();
        let line = base::line(finding, &self.project.sources);
        panic!("{said}\n{line}\n{:?}\n{}", finding.witness, files.join("\n"))
    }

    /// Everything that a person can notice stays as it was when the components are changed.
    fn same_behaviour(&self, finding: &Finding, changed: &Components) {
        let after = match engine(changed) {
            Ok(it) => it,
            Err(it) => self.fail(finding, &it),
        };
        for given in &self.people {
            let (old, new) = (behaviour(&self.engine, given), behaviour(&after, given));
            if old != new {
                self.fail(finding, &format!("{given:?}\n{old:?}\n{new:?}"));
            }
        }
    }

    /// Without some rules of the strategy nothing changes.
    fn without_rules(&self, finding: &Finding, gone: impl Fn(usize) -> bool) {
        let mut changed = self.project.components.clone();
        let rules = &mut changed.strategies.get_mut(WEB).unwrap().rules;
        let mut index = 0;
        rules.retain(|_| {
            index += 1;
            !gone(index - 1)
        });
        self.same_behaviour(finding, &changed);
    }

    /// The number of the rule that a finding is about.
    fn rule(&self, finding: &Finding) -> usize {
        let id = taiwa_model::ComponentId::new(Kind::Strategy, WEB);
        let rules = 0..self.project.components.strategies[WEB].rules.len();
        let parts = ["", "/offer", "/segment"];
        let mut all =
            rules.flat_map(|rule| parts.map(|part| (rule, format!("rules/{rule}{part}"))));
        let found = all.find(|it| self.project.place(&id, &it.1) == finding.place);
        found.unwrap_or_else(|| self.fail(finding, "at no rule")).0
    }

    /// Every condition, and whether the finding stands in it.
    fn change_condition(&self, finding: &Finding, to: &str) {
        let mut changed = self.project.components.clone();
        let is_here = |kind, name: &str, path: &str| {
            let place = self.project.place(&taiwa_model::ComponentId::new(kind, name), path);
            let (outer, inner) = (place.span, finding.place.span);
            place.file == finding.place.file && outer.start <= inner.start && inner.end <= outer.end
        };
        let mut done = 0;
        for (name, it) in &mut changed.segments {
            if is_here(Kind::Segment, name.as_str(), "when") {
                to.clone_into(&mut it.content.when);
                done += 1;
            }
        }
        for (name, it) in &mut changed.offers {
            if it.content.eligible.is_some() && is_here(Kind::Offer, name.as_str(), "eligible") {
                it.content.eligible = Some(to.to_owned());
                done += 1;
            }
        }
        for (name, it) in &mut changed.flowcharts {
            for (node, content) in &mut it.content.nodes {
                let Node::Decide(branches) = content else { continue };
                for (index, branch) in branches.iter_mut().enumerate() {
                    let path = format!("nodes/{node}/decide/{index}/when");
                    if branch.when.is_some() && is_here(Kind::Flowchart, name.as_str(), &path) {
                        branch.when = Some(to.to_owned());
                        done += 1;
                    }
                }
            }
        }
        if done != 1 {
            self.fail(finding, &format!("{done} conditions are there"));
        }
        self.same_behaviour(finding, &changed);
    }

    /// Nobody comes to where the case leads that the finding is about.
    fn nobody_takes(&self, finding: &Finding) {
        let mut changed = self.project.components.clone();
        let mut done = 0;
        for (name, it) in &mut changed.flowcharts {
            let id = taiwa_model::ComponentId::new(Kind::Flowchart, name.as_str());
            let mut probe = false;
            for (node, content) in &mut it.content.nodes {
                let Node::Decide(branches) = content else { continue };
                for (index, branch) in branches.iter_mut().enumerate() {
                    let path = format!("nodes/{node}/decide/{index}");
                    let place = self.project.place(&id, &path);
                    let (outer, inner) = (place.span, finding.place.span);
                    if outer.start <= inner.start && inner.end <= outer.end {
                        branch.go = "probe".into();
                        probe = true;
                        done += 1;
                    }
                }
            }
            if probe {
                let leaf = Node::Segment { name: "probe".into(), title: Localized::default() };
                it.content.nodes.insert("probe".into(), leaf);
            }
        }
        if done != 1 {
            self.fail(finding, &format!("{done} cases are there"));
        }
        let after = engine(&changed).unwrap_or_else(|it| self.fail(finding, &it));
        for given in &self.people {
            if is_in(&after, given, "probe") {
                self.fail(finding, &format!("{given:?} takes it"));
            }
        }
    }

    /// The condition without the part that the fix takes out.
    fn fixed(&self, finding: &Finding) {
        let Some(fix) = &finding.fix else { return };
        let mut files = self.files.clone();
        let source = self.project.sources.get(finding.place.file);
        let file = files.iter_mut().find(|it| it.0 == source.path).unwrap();
        for edit in &fix.edits {
            let span = edit.at.span;
            file.1.replace_range(span.start as usize..span.end as usize, &edit.text);
        }
        let (changed, findings) = taiwa_config::load(files.iter().map(base::input).collect());
        if !findings.is_empty() {
            self.fail(finding, &format!("{findings:?}"));
        }
        self.same_behaviour(finding, &changed.components);
    }

    /// Whoever comes while a zone is said to have nothing gets the fallback.
    fn starves(&self, finding: &Finding) {
        let words = quoted(&finding.message);
        let zone = words.iter().find(|it| POINTS.iter().any(|point| point.0 == **it));
        let points = POINTS.iter().filter(|it| Some(&it.0) == zone);
        let points: Vec<_> = points.collect();
        assert!(!points.is_empty(), "{words:?}");
        let Some(given) = self.shown(finding) else { return };
        let segment = words.iter().find(|it| SEGMENTS.contains(&&***it));
        if let Some(segment) = segment
            && !is_in(&self.engine, &given, segment)
        {
            self.fail(finding, "the witness is not in the segment");
        }
        for (_, point, _) in points {
            let answer = Visitor::new(&self.engine, &given).offers(&self.engine, point);
            if answer != ["brand"] {
                self.fail(finding, &format!("at {point} comes {answer:?}"));
            }
        }
    }

    fn replay(&self, finding: &Finding) {
        let words = quoted(&finding.message);
        match finding.code {
            "TW0301" => self.change_condition(finding, "false"),
            "TW0302" => self.change_condition(finding, "true"),
            "TW0306" => self.fixed(finding),
            "TW0308" => {
                for given in &self.people {
                    let [one, other] = [0, 1].map(|it| is_in(&self.engine, given, words[it]));
                    if one != other {
                        self.fail(finding, &format!("{given:?}"));
                    }
                }
            }
            "TW0311" | "TW0507" => {
                let rule = self.rule(finding);
                self.without_rules(finding, |it| it == rule);
            }
            "TW0404" | "TW0406" => self.nobody_takes(finding),
            "TW0504" => self.starves(finding),
            "TW0506" => {
                let (offer, zone) = (OfferName::from(words[0]), words[1]);
                let rules = &self.project.components.strategies[WEB].rules;
                self.without_rules(finding, |it| {
                    rules[it].offer == offer && rules[it].zone.as_str() == zone
                });
            }
            "TW0509" => {
                let point = words[0];
                let (_, _, places) = POINTS.iter().find(|it| it.1 == point).unwrap();
                for given in &self.people {
                    let answer = Visitor::new(&self.engine, given).offers(&self.engine, point);
                    if answer.len() >= *places && answer != ["brand"] {
                        self.fail(finding, &format!("{given:?} gets {answer:?}"));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The words in backquotes.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// What points show somebody, and which segments they are in.
fn behaviour(engine: &Compiled, given: &Given) -> (Vec<Vec<String>>, BTreeSet<String>) {
    let visitor = Visitor::new(engine, given);
    let shown = POINTS.iter().map(|it| visitor.offers(engine, it.1)).collect();
    (shown, visitor.segments(engine))
}

fn is_in(engine: &Compiled, given: &Given, segment: &str) -> bool {
    Visitor::new(engine, given).segments(engine).contains(segment)
}

/// Bytes that look random and are the same in every run.
fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..count).map(|_| next()).collect()
}

fn people(seed: u64, count: u64) -> Vec<Given> {
    (0..count).map(|it| person(&mut Dice::new(&bytes(seed * 1000 + it, 80)))).collect()
}

/// The rules about meaning.
const RULES: [&str; 10] = [
    "TW0301", "TW0302", "TW0306", "TW0308", "TW0311", "TW0404", "TW0406", "TW0504", "TW0506",
    "TW0507",
];

#[test]
fn what_is_said_about_drawn_workspaces_is_true() {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for seed in 1..=60 {
        let case = Case::new(workspace(&mut Dice::new(&bytes(seed, 400))), people(seed, 16));
        for finding in &case.findings {
            case.replay(finding);
            let count = seen.entry(finding.code).or_default();
            count.0 += 1;
            count.1 += usize::from(case.shown(finding).is_some());
        }
    }
    println!("{seen:?}");
    for code in RULES {
        assert!(seen.contains_key(code), "{code} never came: {seen:?}");
    }
    for code in ["TW0311", "TW0404", "TW0504", "TW0506", "TW0507"] {
        assert!(seen[code].1 > 0, "{code} never shows anybody: {seen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_said_about_any_workspace_is_true(
        files in vec(any::<u8>(), 0..400),
        who in vec(vec(any::<u8>(), 0..80), 0..8),
    ) {
        let people = who.iter().map(|it| person(&mut Dice::new(it))).collect();
        let case = Case::new(workspace(&mut Dice::new(&files)), people);
        for finding in &case.findings {
            case.replay(finding);
        }
    }
}
