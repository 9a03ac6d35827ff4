//! `taiwa approve`

use std::path::{Path, PathBuf};

use taiwa_model::{EnvironmentName, PersonId, RoleName};
use taiwa_plan::{
    Approve, Count, Envelope, Move, Outcome, Person, Plan, PlanKind, PublicKey, Reject, count,
    gates, ledger::RecordKind,
};

use crate::{
    Cx, Exit, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry},
        marked::Head,
        servers::Group,
        signals,
    },
    moves::{self, Change, Planned, Promotion, Speech, Target},
    notify::{self, Event},
    render::{lasting, safe},
};

/// Show what would change and what proves it, then sign
///
/// What is signed is the environment's open plan: exactly this release, from exactly the state that is live. If either
/// changes, the signature counts no more.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Args {
    /// The release (its digest or the beginning of it); without it the one that is marked
    release: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENV")]
    to: EnvironmentName,
    /// The role in which you approve
    #[arg(long = "as", value_name = "ROLE")]
    role: RoleName,
    /// The key to sign with; else the agent's, else `~/.ssh/id_ed25519`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Words that go with the signature
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    /// Do not cover the way back: without this, one person's signature can take the promotion back for a while
    #[arg(long)]
    no_parachute: bool,
    /// Approve the emergency that somebody asked for
    #[arg(long, conflicts_with = "ratify")]
    emergency: bool,
    /// Approve that the emergency that is live stays
    #[arg(long, conflicts_with_all = ["reject", "release"])]
    ratify: bool,
    /// Refuse this plan, for good
    #[arg(long, requires = "why")]
    reject: bool,
    /// Why it is refused
    #[arg(long, value_name = "TEXT", requires = "reject")]
    why: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show everything, and sign nothing
    #[arg(long)]
    dry_run: bool,
}

/// How a plan is approved.
pub(super) struct Signature<'a> {
    /// In which role.
    pub(super) role: &'a RoleName,
    /// With which key.
    pub(super) key: Option<&'a Path>,
    /// Words that go along.
    pub(super) comment: &'a str,
    /// Whether it covers the way back, where the plan has one.
    pub(super) parachute: bool,
    /// The plan that says who is kept from signing, where that is another than the one that is signed.
    pub(super) apart: Option<&'a Plan>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    moves::keys_of(&group, &args.role)?;
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    if args.ratify {
        return ratify(cx, args, &head, (&group, &mut book));
    }
    let under_way = if args.emergency { None } else { moves::torn(&group)? };
    let word = args.release.as_deref();
    let target = match &under_way {
        Some(rollout) => moves::torn_target(cx, &head, (&group, rollout), word)?,
        None => moves::target(cx, &head, &group, word)?,
    };
    let to = target.release.digest();
    let kind = if args.emergency { PlanKind::Emergency } else { PlanKind::Change };
    let ordinary =
        under_way.as_ref().map_or_else(|| Promotion::new(kind, to, None), moves::Rollout::wish);
    let wish = Promotion { origin: target.origin(), ..ordinary };
    let plan = match moves::planned(cx, &group, &states, &mut book, &wish)? {
        Planned::Plan(plan) => *plan,
        Planned::NothingToDo(what) => return Err(Failure::no("nothing-to-do", what)),
    };
    let wrote = match moves::who_wrote(&head, &group, &book, &plan) {
        Err(failure) if args.reject => {
            cx.say(format!("note: {failure}"));
            None
        }
        it => it?,
    };
    let lines = match &wrote {
        Some(wrote) => wrote.lines(),
        None => moves::glass_broken_by(cx, &head, &group, &plan),
    };
    let change = present(cx, &group, &book, (&plan, &lines), &target)?;
    if args.dry_run {
        super::promote::dry(cx, &args.to, plan.goal(Move::FIRST, plan.base), &change);
        cx.tell("this was a dry run; nothing was signed");
        return Ok(Exit::Yes);
    }
    if args.reject {
        moves::confirm(cx, args.yes, "refuse this plan, for good?")?;
        return reject(cx, args, &group, &mut book, &plan);
    }
    if args.emergency {
        cx.tell("this signature also counts if the release is to stay: `--ratify` asks for the ordinary approvals and gates");
    }
    moves::confirm(cx, args.yes, &format!("approve this for {} as {}?", args.to, args.role))?;
    let signature = args.signature();
    sign(cx, &group, &mut book, &plan, &signature)?;
    moves::waiting(cx, &group, &book, &plan, digest(&plan)?);
    let count = book.story.count(&plan, &group.policy, cx.now());
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "release": to, "count": count }));
        return Ok(Exit::Yes);
    }
    cx.say(if count.is_met() {
        let next = match &under_way {
            Some(_) => moves::goes_on(&group),
            None if args.emergency => {
                moves::forward(&group) + " --emergency 1h --why 'what is broken'"
            }
            None => moves::forward(&group),
        };
        format!("everyone who must has approved; next: {next}")
    } else {
        format!("still missing: {}", missing(&count))
    });
    Ok(Exit::Yes)
}

/// The same plan once more, now as an ordinary change: whoever wrote it is found again, and cannot approve it.
fn ratify(
    cx: &mut Cx<'_>,
    args: &Args,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
) -> Result<Exit, Failure> {
    let plan = moves::emergency(group)?.plan;
    let change = moves::as_change(cx, (group, book), &plan)?;
    let wrote = moves::who_wrote(head, group, book, &change)?;
    let bytes = signals::block_on(group.release(&plan.to))?;
    let differs = signals::block_on(moves::between(group, plan.from, &moves::read(&bytes)?))?;
    cx.tell(moves::headline(&plan));
    moves::tell(cx, &differs);
    if let Some(wrote) = &wrote {
        cx.tell("written by");
        for line in wrote.lines() {
            cx.tell(format!("  {line}"));
        }
    }
    if args.dry_run {
        cx.tell("this was a dry run; nothing was signed");
        return Ok(Exit::Yes);
    }
    let question = format!("let release {} stay on {}?", plan.to.short(), args.to);
    moves::confirm(cx, args.yes, &question)?;
    let signature = Signature { apart: Some(&change), ..args.signature() };
    sign(cx, group, book, &plan, &signature)?;
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "release": plan.to, "ratify": true }));
    }
    cx.say(format!("next: taiwa promote --to {} --ratify", args.to));
    Ok(Exit::Yes)
}

impl Args {
    fn signature(&self) -> Signature<'_> {
        Signature {
            role: &self.role,
            key: self.key.as_deref(),
            comment: &self.comment,
            parachute: !self.no_parachute,
            apart: None,
        }
    }
}

/// Everything an approver should see: the change, the evidence, who signed, who is missing, until when it counts.
fn present(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    (plan, wrote): (&Plan, &[String]),
    target: &Target,
) -> Result<Change, Failure> {
    let change = signals::block_on(moves::between(group, plan.from, &target.release))?;
    cx.tell(moves::headline(plan));
    moves::tell(cx, &change);
    if !wrote.is_empty() {
        cx.tell("written by");
    }
    for line in wrote {
        cx.tell(format!("  {line}"));
    }
    cx.tell("evidence");
    let statements: Vec<_> = book.story.statements().map(|it| it.1.clone()).collect();
    let statements = taiwa_plan::of_change(&group.policy, plan.from, &statements);
    for verdict in gates(&group.policy, &plan.to, &statements, cx.now()) {
        let mark = if verdict.outcome == Outcome::Passed { "passed" } else { "not passed" };
        cx.tell(format!("  {} {mark}: {}", verdict.gate, safe(&verdict.why)));
    }
    let about: Vec<_> =
        book.story.about_plan(&digest(plan)?).into_iter().filter_map(|it| it.open().ok()).collect();
    let count = count(plan, &group.policy, &about, cx.now());
    cx.tell("approvals");
    for role in &count.roles {
        let who: Vec<&str> = role.people.iter().map(PersonId::as_str).collect();
        let who = if who.is_empty() { "nobody yet".to_owned() } else { who.join(", ") };
        cx.tell(format!("  {}: {} of {} ({who})", role.role, role.have, role.want));
    }
    if let Some(more) = &count.more {
        let who: Vec<&str> = more.people.iter().map(PersonId::as_str).collect();
        let who = if who.is_empty() { "nobody yet".to_owned() } else { who.join(", ") };
        cx.tell(format!(
            "  of any role: {} of {} more ({who}), {}",
            more.have,
            more.want,
            safe(&more.why)
        ));
    }
    for it in &count.ignored {
        cx.tell(format!("  not counted: {}: {}", it.statement.short(), safe(&it.why)));
    }
    cx.tell(format!(
        "  the plan stays open for {} more",
        lasting(plan.not_after.millis_since(cx.now()))
    ));
    if let Some(until) = plan.parachute_until {
        let lasts = lasting(until.millis_since(cx.now()));
        cx.tell(format!(
            "  for {lasts}, one signature can take it back (--no-parachute: not by yours)"
        ));
    }
    let mut proof = moves::unmet(cx, group, book, plan, target.origin())?;
    proof.refusals.extend(moves::returning(group, book, plan, &target.release)?);
    let others: Vec<_> = proof
        .refusals
        .iter()
        .filter(|it| it.reason != taiwa_plan::Reason::ApprovalMissing)
        .collect();
    if !others.is_empty() {
        cx.tell("besides approvals, this is not met yet");
        for refusal in others {
            cx.tell(format!("  {}", crate::edge::servers::condition(refusal)));
        }
    }
    Ok(change)
}

fn missing(count: &Count) -> String {
    let open = count.roles.iter().filter(|it| it.have < it.want);
    let open = open.map(|it| format!("{} × {}", it.want - it.have, it.role));
    let more = count.more.iter().filter(|it| it.have < it.want);
    let more = more.map(|it| format!("{} more of any role", it.want - it.have));
    open.chain(more).collect::<Vec<_>>().join(", ")
}

/// Signs an approval of a plan and files it.
pub(super) fn sign(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    plan: &Plan,
    signature: &Signature<'_>,
) -> Result<(), Failure> {
    let document = group.policy.document();
    let wanted = moves::keys_of(group, signature.role)?;
    let signer = keys::choose(cx, signature.key, &wanted)?;
    if !wanted.contains(signer.public_key()) {
        let text = format!(
            "this key is of nobody who has the role {} in the policy of {}",
            signature.role, group.name
        );
        let may: Vec<&str> = document.people_of(signature.role).map(|it| it.id.as_str()).collect();
        return Err(Failure::no("bad-signature", text)
            .help(format!("the key is {}", signer.public_key().fingerprint()))
            .help(format!("these have it: {}", may.join(", "))));
    }
    kept_apart(group, signature.apart.unwrap_or(plan), signer.public_key())?;
    let issued = cx.now().whole_second();
    let lasts = i64::try_from(document.max_age_s.saturating_mul(1000)).unwrap_or(i64::MAX);
    let digest = digest(plan)?;
    let approve = Approve {
        environment: group.name.clone(),
        issued,
        plan: digest,
        role: signature.role.clone(),
        parachute: signature.parachute && plan.parachute_until.is_some(),
        expires: issued.plus_millis(lasts),
        comment: signature.comment.to_owned(),
    };
    let envelope = Envelope::signed(&approve, signer.as_ref())
        .map_err(|it| Failure::no("not-signed", it.to_string()))?;
    let who = document.people.iter().find(|it| it.keys.contains(signer.public_key()));
    let who = who.map_or_else(String::new, |it| it.id.to_string());
    let entry = Entry {
        kind: RecordKind::Statement,
        environment: &group.name,
        plan: Some(digest),
        objects: ledger::statement(&envelope).into_iter().collect(),
        text: format!("{who} approves plan {} as {}", digest.short(), signature.role),
    };
    book.append(cx, &entry)?;
    cx.tell(format!(
        "signed: {who} approves release {} for {} as {}",
        plan.to.short(),
        group.name,
        signature.role
    ));
    Ok(())
}

/// Nobody signs what would not count: who wrote it, or asked for it, cannot approve it.
fn kept_apart(group: &Group, plan: &Plan, key: &PublicKey) -> Result<(), Failure> {
    let document = group.policy.document();
    let shut = |id: &PersonId| {
        plan.contributors.contains(id) || plan.choices.asked_by.as_ref() == Some(id)
    };
    let mut signers = document.people.iter().filter(|it| it.keys.contains(key));
    let Some(who) = signers.find(|it| shut(&it.id)) else { return Ok(()) };
    let may = |it: &&Person| !shut(&it.id) && it.roles.iter().any(|it| document.approves(it));
    let others: Vec<&str> = document.people.iter().filter(may).map(|it| it.id.as_str()).collect();
    let did = if plan.contributors.contains(&who.id) { "wrote part of" } else { "asked for" };
    let text = format!("{} {did} what is to be approved, so that it takes somebody else", who.id);
    let failure = Failure::no("contributor", text);
    Err(if others.is_empty() {
        failure.help(format!(
            "nobody else has a role that approves: see taiwa policy show {}",
            group.name
        ))
    } else {
        failure.help(format!("these can: {}", others.join(", ")))
    })
}

fn digest(plan: &Plan) -> Result<taiwa_model::Digest, Failure> {
    plan.to_bytes()
        .map(|it| Plan::digest_of(&it))
        .map_err(|it| Failure::no("limit", it.to_string()))
}

fn reject(
    cx: &mut Cx<'_>,
    args: &Args,
    group: &Group,
    book: &mut Book<'_>,
    plan: &Plan,
) -> Result<Exit, Failure> {
    let may = |person: &Person| person.roles.contains(&args.role);
    let (signer, who) = moves::signer_of(cx, group, args.key.as_deref(), may)?;
    let digest = digest(plan)?;
    let why = args.why.clone().unwrap_or_default();
    let issued = cx.now().whole_second();
    let body = Reject { environment: group.name.clone(), issued, plan: digest, why: why.clone() };
    let text = format!("{who} refuses plan {}: {why}", digest.short());
    let speech = Speech { plan: Some(digest), text: text.clone(), name: "the rejection" };
    let told = moves::speak(cx, group, book, (&body, signer.as_ref()), speech)?;
    let said = Failure::no("rejected", text);
    notify::tell(cx, group, &Event::refused(Some(plan.to), &said));
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "rejected": digest, "servers_told": told }));
    }
    Ok(Exit::Yes)
}
