//! Rule TW0118, quiet-hours.

use taiwa_model::{ComponentId, Kind, QuietHours};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds quiet hours that begin and end at the same minute, and quiet hours that leave no minute of the week to send.
    ///
    /// ## Why it matters
    /// The first is either nothing or the whole day, and nobody can see which was meant; with the second no message ever
    /// goes out, and nobody is told.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// consent: marketing-email
    /// quiet_hours: { from: "21:00", until: "21:00" }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// consent: marketing-email
    /// quiet_hours: { from: "21:00", until: "08:00" }
    /// ```
    pub(crate) static QUIET_HOURS = {
        code: "TW0118",
        name: "quiet-hours",
        level: Warning,
        ja: r"## 何を調べるか
始まりと終わりが同じ時刻の静止時間（`quiet_hours`）と、1 週間のうち送信できる時間が 1 分も残らない静止時間を見つけます。

## なぜ大切か
前者は「なし」とも「終日」とも読め、どちらのつもりか分かりません。後者ではメッセージが 1 通も送られず、誰もそれに気づきません。
",
        check: Check::Project(check),
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES: usize = 24 * 60;

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let empty = |it: &QuietHours| it.from == it.until;
        for (index, hours) in channel.quiet_hours.iter().enumerate().filter(|it| empty(it.1)) {
            let message = say!(
                en: "these quiet hours begin and end at {}",
                ja: "この静止時間は {} に始まり、同じ時刻に終わります",
                hours.from,
            );
            findings.push(cx.at(&QUIET_HOURS, &id, &format!("quiet_hours/{index}"), message).help(
                say!(
                    en: "write two different times, or take them out",
                    ja: "異なる 2 つの時刻を書くか、削除してください",
                ),
            ));
        }
        if !channel.quiet_hours.is_empty() && is_silent(&channel.quiet_hours) {
            let message = say!(
                en: "the quiet hours leave no time of the week to send on `{name}`",
                ja: "この静止時間では、`{name}` で送信できる時間が 1 週間に 1 分もありません",
            );
            findings.push(cx.at_key(&QUIET_HOURS, &id, "quiet_hours", message).help(say!(
                en: "leave a part of some day free",
                ja: "どこかの曜日に、送信できる時間帯を残してください",
            )));
        }
    }
}

/// Whether every minute of the week is quiet. What begins and ends at once counts as nothing.
fn is_silent(all: &[QuietHours]) -> bool {
    let week = DAYS.len() * DAY_MINUTES;
    let mut quiet = vec![false; week];
    for hours in all {
        let (Some(from), Some(until)) = (minute(&hours.from), minute(&hours.until)) else {
            continue;
        };
        let length = (until + DAY_MINUTES - from) % DAY_MINUTES;
        for (day, name) in DAYS.iter().enumerate() {
            if hours.days.is_empty() || hours.days.iter().any(|it| it == name) {
                for at in (0..length).map(|it| (day * DAY_MINUTES + from + it) % week) {
                    if let Some(it) = quiet.get_mut(at) {
                        *it = true;
                    }
                }
            }
        }
    }
    quiet.iter().all(|it| *it)
}

/// The minute of the day of `HH:MM`.
fn minute(clock: &str) -> Option<usize> {
    let (hour, minute) = clock.split_once(':')?;
    Some((hour.parse::<usize>().ok()? * 60 + minute.parse::<usize>().ok()?) % DAY_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_silent(hours: &[(&str, &str, &str)], expect: bool) {
        let of = |(from, until, days): &(&str, &str, &str)| QuietHours {
            from: (*from).into(),
            until: (*until).into(),
            days: days.split_whitespace().map(str::to_owned).collect(),
        };
        let all: Vec<QuietHours> = hours.iter().map(of).collect();
        assert_eq!(is_silent(&all), expect, "{hours:?}");
    }

    #[test]
    fn a_week_without_a_free_minute() {
        check_silent(&[("20:00", "08:00", ""), ("08:00", "20:00", "")], true);
        check_silent(&[("20:00", "08:00", ""), ("08:00", "19:59", "")], false);
        check_silent(&[("00:00", "23:59", "sat sun"), ("19:00", "10:00", "")], false);
        check_silent(
            &[("20:00", "08:00", ""), ("08:00", "20:00", "mon tue wed thu fri sat")],
            false,
        );
    }
}
