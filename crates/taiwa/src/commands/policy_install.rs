//! `taiwa policy install`: the committed policy takes the place of the one before, on running servers.

use taiwa_model::EnvironmentName;
use taiwa_plan::ledger::RecordKind;

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::{self, Book, Entry},
        marked::Head,
        servers::{Group, call},
        signals,
    },
    render::table,
};

pub(super) fn run(cx: &mut Cx<'_>, name: &EnvironmentName) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, name)?;
    let document = group.policy.document();
    let version = document.version;
    let mut book = Book::open(cx, &head)?;
    // The anchor first: from then on no attempt under the policy before can begin.
    let mut servers: Vec<_> = group.servers.iter().collect();
    servers.sort_by_key(|it| it.id != document.anchor);
    let answers = signals::block_on(async {
        let mut answers = Vec::new();
        for server in servers {
            let answer = server.rotate(group.policy.envelope()).await;
            let refused = matches!(&answer, Err(error) if error.is_answer());
            answers.push((server.id.clone(), answer));
            if refused {
                break;
            }
        }
        Ok(answers)
    })?;
    for (_, answer) in &answers {
        if let Err(error) = answer
            && error.is_answer()
        {
            let failure = call(error);
            return Err(failure.help(format!("who has signed it: taiwa policy show {name}")));
        }
    }
    let entry = Entry {
        kind: RecordKind::Policy,
        environment: name,
        plan: None,
        objects: ledger::statement(group.policy.envelope()).into_iter().collect(),
        text: format!("version {version} of the policy of {name} is installed"),
    };
    book.append(cx, &entry)?;
    let rows: Vec<[String; 2]> = answers
        .iter()
        .map(|(id, answer)| {
            let said = match answer {
                Ok(it) => format!("obeys version {}", it.version),
                Err(error) => format!("did not answer: {error}"),
            };
            [format!("  {id}"), said]
        })
        .collect();
    let missing: Vec<&str> =
        answers.iter().filter(|it| it.1.is_err()).map(|it| it.0.as_str()).collect();
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": name, "policy": group.policy.digest(), "policy_version": version,
            "missing": missing,
        }));
    } else {
        cx.tell(table(["  server", "policy"], rows));
    }
    if missing.is_empty() {
        cx.say(format!("next: taiwa status {name}"));
        return Ok(Exit::Yes);
    }
    let text = format!("{} does not know version {version} yet", missing.join(", "));
    Err(Failure::world("unreachable", text)
        .help(format!("when it answers again: taiwa policy install {name}")))
}
