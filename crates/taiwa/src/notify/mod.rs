//! Notifications: what happened to an environment, told over HTTP to whom its file names.
//!
//! **Invariants.** Sent after the effect, by the command that caused it; nothing that goes wrong here changes the end of
//! that command, and all of it together takes a few seconds at most. A message lies in the clone's outbox before it is
//! sent, and until it is taken; every attempt carries the same id. No message, and no file of the outbox, holds a secret.
//! The form of what is sent is in `docs/reference/notifications.md`.

mod deliver;
mod sign;

use serde_json::{Value as Json, json};
use taiwa_config::environment::{NotifyFormat, NotifyOn};
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{Count, Goal, Move, Plan, Step, approving};

use crate::{Cx, Failure, edge::servers::Group, moves::share, render::safe};

/// Version of the payload.
const VERSION: u32 = 1;
/// Longest text of a message, in characters.
const MAX_TEXT: usize = 2000;

/// What happened.
pub(crate) struct Event {
    on: NotifyOn,
    text: String,
    data: Json,
}

impl Event {
    fn new(on: NotifyOn, text: &str, data: Json) -> Self {
        Self { on, text: safe(text).chars().take(MAX_TEXT).collect(), data }
    }

    /// A release runs on every server; by a change, or by going back.
    pub(crate) fn moved(goal: Goal, (on, servers): (NotifyOn, usize), by: &str) -> Self {
        let name = |it: Option<Digest>| it.map_or_else(|| "nothing".to_owned(), |it| it.short());
        let (from, to, target) = (name(goal.from), name(goal.to), goal.target);
        let text = if on == NotifyOn::RolledBack {
            format!(
                "back to release {to} (generation {target}) on {servers} servers; left was {from}"
            )
        } else if goal.share_bp < Step::ALL.share_bp {
            let share = share(goal.share_bp);
            format!(
                "release {to} answers {share} of the visitors on {servers} servers (generation {target})"
            )
        } else {
            format!(
                "release {to} runs on {servers} servers (generation {target}); before it ran {from}"
            )
        };
        Self::new(on, &text, Self::of(goal, by))
    }

    /// What every message about a move holds.
    fn of(goal: Goal, by: &str) -> Json {
        let Goal { from, to, target, share_bp, base: _ } = goal;
        json!({ "release": to, "from": from, "generation": target, "share_bp": share_bp, "by": by })
    }

    /// A move is the group's, and not every server has followed.
    pub(crate) fn partly(goal: Goal, failure: &Failure, by: &str) -> Self {
        let mut text = format!("generation {} is half-way: {}", goal.target, failure.message);
        for line in &failure.help {
            text.push('\n');
            text.push_str(line);
        }
        let mut data = Self::of(goal, by);
        data["message"] = json!(safe(&failure.message));
        Self::new(NotifyOn::PartlyActivated, &text, data)
    }

    /// Conditions, servers or a person said no.
    pub(crate) fn refused(release: Option<Digest>, failure: &Failure) -> Self {
        let mut text = format!("refused: {failure}");
        for line in &failure.help {
            text.push('\n');
            text.push_str(line);
        }
        let data = json!({ "release": release, "reason": failure.reason, "message": safe(&failure.message) });
        Self::new(NotifyOn::Refused, &text, data)
    }

    /// A plan waits for people.
    pub(crate) fn waiting(plan: &Plan, digest: Digest, count: &Count) -> Self {
        let open = count.roles.iter().filter(|it| it.have < it.want);
        let missing: Vec<Json> =
            open.map(|it| json!({ "role": it.role, "missing": it.want - it.have })).collect();
        let commands: Vec<String> = count
            .roles
            .iter()
            .filter(|it| it.have < it.want)
            .map(|it| approving(plan, Move::FIRST, it.role.as_str()))
            .collect();
        let text = format!(
            "plan {} to release {} waits for approval: {}",
            digest.short(),
            plan.to.short(),
            commands.join("; ")
        );
        let data = json!({
            "plan": digest, "release": plan.to, "from": plan.from, "missing": missing, "until": plan.not_after,
        });
        Self::new(NotifyOn::ApprovalWaiting, &text, data)
    }

    /// Somebody stopped the line.
    pub(crate) fn held((id, by): (&str, &str), until: Timestamp, why: &str) -> Self {
        let text = format!("{by} stopped changes until {until} ({id}): {why}");
        let data = json!({ "hold": id, "by": by, "until": until, "why": safe(why) });
        Self::new(NotifyOn::Held, &text, data)
    }

    /// Somebody let it go on.
    pub(crate) fn lifted(id: &str, by: &str) -> Self {
        let data = json!({ "hold": id, "by": by });
        Self::new(NotifyOn::Lifted, &format!("{by} lifted the hold {id}: changes go on"), data)
    }

    /// What is sent in a form.
    fn body(&self, group: &Group, at: Timestamp, format: NotifyFormat) -> String {
        let mut data = self.data.clone();
        data["environment"] = json!(group.name);
        data["text"] = json!(self.text);
        match format {
            NotifyFormat::Webhook => {
                let kind = serde_json::to_value(self.on).unwrap_or_default();
                let kind = format!("taiwa.{}", kind.as_str().unwrap_or_default());
                json!({ "type": kind, "version": VERSION, "timestamp": at, "data": data })
            }
            NotifyFormat::Slack => {
                json!({ "text": escaped(&format!("{}: {}", group.name, self.text)) })
            }
        }
        .to_string()
    }
}

/// Text that cannot become a link or a mention.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Tells everybody who wants to hear of it, and whoever has not heard yet of something before.
pub(crate) fn tell(cx: &mut Cx<'_>, group: &Group, event: &Event) {
    let now = cx.now();
    let of = &group.environment.notify;
    for (place, it) in (1..).zip(of).filter(|it| it.1.on.is_empty() || it.1.on.contains(&event.on))
    {
        let letter = deliver::Letter {
            version: VERSION,
            id: deliver::id(now),
            to: format!("notification {place} of {}", group.name),
            url: it.url.clone(),
            secret: it.secret.clone(),
            format: it.format,
            at: now,
            body: event.body(group, now, it.format),
        };
        if let Err(why) = deliver::keep(&group.outbox, &letter) {
            cx.say(format!("{} cannot be kept, and is not sent: {why}", letter.to));
        }
    }
    deliver::flush(cx, &group.outbox);
}

/// Sends what waits since earlier commands.
pub(crate) fn catch_up(cx: &mut Cx<'_>, group: &Group) {
    deliver::flush(cx, &group.outbox);
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_of_people_stay_words() {
        let text = super::escaped("<!channel> & <https://evil.example|click>");
        assert_eq!(text, "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;");
    }
}
