//! Small workspaces and people drawn from bytes, and the real decision engine to ask about them.
//!
//! The bytes are the dice: fewer and smaller bytes give a smaller workspace, so that a failing case shrinks well.
#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "test edge: what is drawn here is well-formed")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use taiwa_config::{Project, load};
use taiwa_decide::{
    Compiled, Explain, Person, Request, Session, decide, scenario, segments_of, set_attributes,
    set_consent,
};
use taiwa_model::{
    Components, ConsentDefault, Digest, EventRef, Given, Moment, OfferName, Past, PastWhat,
    PointName, SpanOfTime, Timestamp, Value,
};

use crate::base::{Stored, input};

/// Draws numbers from bytes; 0 when they are used up.
pub(crate) struct Dice<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Dice<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// From 0 to below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or_default()) % n
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

/// Instants at which offers of a drawn workspace begin and end, and at which people come.
pub(crate) const DAYS: [&str; 5] =
    ["2026-11-21", "2026-11-25", "2026-12-01", "2026-12-10", "2027-01-01"];

/// When the check looks.
pub(crate) const NOW: &str = "2026-11-21T10:00:00+09:00";

const AUDIENCE: &str = "levels:
  customer: { key: customer_id }
  visitor: { key: visitor_id }
attributes:
  tier: { type: enum, values: [none, silver, gold], default: none }
  age: { type: int, min: 0, max: 130 }
  points: { type: int, min: 0, max: 1000, default: 0 }
  interests: { type: list<string> }
  vip: { type: bool, default: false }
  city: { type: string }
consent:
  news: { default: denied }
  service: { default: granted, basis: contract }
";

const CHANNEL: &str = "title: Web store
direction: inbound
goal: sales
zones:
  home: { title: Home page }
  shelf: { title: Shelf }
interaction_points:
  banner: { zone: home, offers: 1, fallback: brand }
  tiles: { zone: home, offers: 2, fallback: brand }
  aside: { zone: shelf, offers: 1, fallback: brand }
categories:
  all: { title: All }
events:
  purchase: { category: all, properties: { order_id: string, amount: number }, conversion: true }
  view: { category: all, properties: {} }
  shown: { category: all, properties: { offer: string } }
  clicked: { category: all, properties: { offer: string } }
  closed: { category: all, properties: { offer: string } }
responses: { shown: shown, accepted: clicked, rejected: closed }
";

/// The zones of the channel, each with its points and their places.
pub(crate) const POINTS: [(&str, &str, usize); 3] =
    [("home", "banner", 1), ("home", "tiles", 2), ("shelf", "aside", 1)];

/// The offers of a drawn workspace besides `brand`, which only stands in.
pub(crate) const OFFERS: [&str; 4] = ["cup", "kit", "mug", "sale"];

/// The segments of a drawn workspace: files, then the leaves of its flowchart.
pub(crate) const SEGMENTS: [&str; 6] = ["s0", "s1", "s2", "leaf-a", "leaf-b", "leaf-c"];

fn atom(dice: &mut Dice<'_>, segments: &[&str]) -> String {
    let op = ["<", "<=", ">", ">=", "==", "!="];
    let window = ["7d", "30d", "90d"];
    match dice.below(18) {
        0 => format!("profile.tier == '{}'", dice.pick(&["gold", "silver", "none"])),
        1 => format!("profile.tier in ['{}', 'silver']", dice.pick(&["gold", "none"])),
        2 => format!("profile.age {} {}", dice.pick(&op), dice.pick(&["18", "20", "65"])),
        3 => format!("profile.points {} {}", dice.pick(&op), dice.pick(&["0", "10", "1000"])),
        4 => "profile.vip".into(),
        5 => format!("'{}' in profile.interests", dice.pick(&["tea", "beans"])),
        6 => "has(profile.age)".into(),
        7 => format!("level() == '{}'", dice.pick(&["customer", "visitor"])),
        8 => format!("consented('{}')", dice.pick(&["news", "service"])),
        9 => format!("seen('web-store/purchase', '{}')", dice.pick(&window)),
        10 => {
            let (window, op) = (dice.pick(&window), dice.pick(&op));
            format!("count('web-store/purchase', '{window}') {op} {}", dice.below(4))
        }
        11 => {
            let (window, op) = (dice.pick(&window), dice.pick(&["<", ">="]));
            format!("sum('web-store/purchase', 'amount', '{window}') {op} 100")
        }
        12 => format!("since('web-store/view') {} duration('7d')", dice.pick(&["<", ">="])),
        13 => {
            let (test, offer) = (dice.pick(&["shown", "accepted"]), dice.pick(&["kit", "cup"]));
            format!("{test}('{offer}', '{}')", dice.pick(&window))
        }
        14 => format!("session.hour {} {}", dice.pick(&["<", ">="]), dice.pick(&["9", "18"])),
        15 => format!("profile.city == '{}'", dice.pick(&["Oslo", "Kyoto"])),
        16 if !segments.is_empty() => format!("in_segment('{}')", dice.pick(segments)),
        _ => "session.channel == 'web-store'".into(),
    }
}

/// A condition over everything that a drawn workspace declares.
pub(crate) fn condition(dice: &mut Dice<'_>, depth: usize, segments: &[&str]) -> String {
    match (depth, dice.below(6)) {
        (0, _) | (_, 0 | 1) => atom(dice, segments),
        (_, 2) => format!("!({})", condition(dice, depth - 1, segments)),
        (_, 3 | 4) => {
            let left = condition(dice, depth - 1, segments);
            format!("({left} && {})", condition(dice, depth - 1, segments))
        }
        _ => {
            let left = condition(dice, depth - 1, segments);
            format!("({left} || {})", condition(dice, depth - 1, segments))
        }
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn offer(dice: &mut Dice<'_>, name: &str) -> String {
    let mut text = format!("title: {name}\n");
    let (from, until) = (dice.below(8), dice.below(8));
    let mut valid = Vec::new();
    if let Some(day) = DAYS.get(from) {
        valid.push(format!("from: {day}"));
    }
    if let Some(day) = DAYS.get(until).filter(|_| from >= DAYS.len() || until >= from) {
        valid.push(format!("until: {day}"));
    }
    if !valid.is_empty() {
        line(&mut text, &format!("valid: {{ {} }}", valid.join(", ")));
    }
    line(&mut text, &format!("value: {}", dice.pick(&["0", "5", "-2", "12.5"])));
    if dice.below(3) == 1 {
        line(&mut text, &format!("consent: {}", dice.pick(&["news", "service"])));
    }
    if dice.below(2) == 1 {
        line(&mut text, &format!("eligible: {}", quoted(&condition(dice, 1, &SEGMENTS[..3]))));
    }
    if dice.below(3) == 1 {
        let shown = 1 + dice.below(2);
        line(&mut text, &format!("cap: {{ shown: {shown}, per: {} }}", dice.pick(&["7d", "30d"])));
    }
    line(&mut text, &format!("treatments:\n  web-store: {{ en: {{ headline: {name} }} }}"));
    text
}

fn flowchart(dice: &mut Dice<'_>) -> String {
    let case = |to: &str, dice: &mut Dice<'_>| {
        let when = quoted(&condition(dice, 1, &SEGMENTS[..3]));
        format!("      - {{ when: {when}, go: {to} }}\n")
    };
    let first = [case("second", dice), case("a", dice), case("b", dice)].concat();
    let second = [case("a", dice), case("b", dice)].concat();
    format!(
        "title: Place\nstart: first\nnodes:\n  first:\n    decide:\n{first}      - {{ otherwise: c }}\n  \
         second:\n    decide:\n{second}      - {{ otherwise: c }}\n  a: {{ segment: leaf-a }}\n  \
         b: {{ segment: leaf-b }}\n  c: {{ segment: leaf-c }}\n"
    )
}

fn strategy(dice: &mut Dice<'_>) -> String {
    let mut text = String::new();
    if dice.below(3) == 1 {
        text.push_str("arbitration: { home: value }\n");
    }
    text.push_str("rules:\n");
    for _ in 0..=2 + dice.below(7) {
        let zone = dice.pick(&["home", "shelf"]);
        let segment = if dice.below(3) == 0 { "everyone" } else { dice.pick(&SEGMENTS) };
        let offer = dice.pick(&OFFERS);
        let score = match dice.below(8) {
            0 => quoted("profile.vip ? 90 : 10"),
            1 => quoted("profile.points / 10"),
            2 => quoted("has(profile.age) ? profile.age - 30 : 20"),
            _ => dice.pick(&["0", "20", "40", "60", "80"]).to_owned(),
        };
        let who = format!("zone: {zone}, segment: {segment}");
        line(&mut text, &format!("  - {{ {who}, offer: {offer}, score: {score} }}"));
    }
    text
}

/// The files of a workspace that can be served, apart from scores that may be unknown.
pub(crate) fn workspace(dice: &mut Dice<'_>) -> Vec<Stored> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut put = |path: &str, text: String| files.insert(path.to_owned(), text);
    put(
        "taiwa.yaml",
        "format: 1\ntitle: Contoso\nlocales: [en]\ntime_zone: Asia/Tokyo\ncurrency: JPY\n".into(),
    );
    put("channels/shared/audience.yaml", AUDIENCE.into());
    put("channels/web-store/channel.yaml", CHANNEL.into());
    put(
        "channels/shared/goals/sales.yaml",
        "title: More sales\nobjective: 600 a month\nkpi: { event: web-store/purchase, measure: count, per: 30d, \
         baseline: 420, target: 600 }\n"
            .into(),
    );
    put(
        "channels/shared/offers/brand.yaml",
        "title: Our story\ntreatments:\n  web-store: { en: { headline: Our story } }\n".into(),
    );
    for name in OFFERS {
        put(&format!("channels/shared/offers/{name}.yaml"), offer(dice, name));
    }
    for (index, name) in SEGMENTS.iter().enumerate().take(3) {
        let when = quoted(&condition(dice, 2, &SEGMENTS[..index]));
        put(
            &format!("channels/shared/segments/{name}.yaml"),
            format!("title: {name}\nwhen: {when}\n"),
        );
    }
    put("channels/shared/flowcharts/place.yaml", flowchart(dice));
    put("channels/web-store/strategy.yaml", strategy(dice));
    files.into_iter().collect()
}

/// Somebody who comes at some time with some history.
pub(crate) fn person(dice: &mut Dice<'_>) -> Given {
    let day = dice.pick(&DAYS);
    let hour = dice.pick(&["00:00:00", "08:30:00", "12:00:00", "23:59:59"]);
    let at = Timestamp::parse(&format!("{day}T{hour}+09:00")).unwrap();
    let level = dice.pick(&["customer", "visitor"]);
    let mut profile: BTreeMap<_, Value> = BTreeMap::new();
    if dice.below(3) > 0 {
        let tier = dice.pick(&["gold", "silver", "none"]);
        profile.insert("tier".into(), Value::Text(tier.into()));
    }
    if dice.below(3) > 0 {
        let age = [0, 17, 18, 19, 20, 21, 40, 64, 65, 66, 130][dice.below(11)];
        profile.insert("age".into(), Value::Int(age));
    }
    if dice.below(3) > 0 {
        let points = [0, 1, 9, 10, 11, 500, 999, 1000][dice.below(8)];
        profile.insert("points".into(), Value::Int(points));
    }
    if dice.below(2) > 0 {
        let both = ["tea".to_owned(), "beans".to_owned()];
        profile.insert("interests".into(), Value::Texts(both[dice.below(2)..].to_vec()));
    }
    if dice.below(2) > 0 {
        profile.insert("vip".into(), Value::Bool(true));
    }
    if dice.below(3) > 0 {
        let city = dice.pick(&["Oslo", "Kyoto", "Paris"]);
        profile.insert("city".into(), Value::Text(city.into()));
    }
    let mut consent = BTreeMap::new();
    for purpose in ["news", "service"] {
        match dice.below(3) {
            1 => consent.insert(purpose.into(), ConsentDefault::Granted),
            2 => consent.insert(purpose.into(), ConsentDefault::Denied),
            _ => None,
        };
    }
    let history = (0..dice.below(6)).map(|_| past(dice)).collect();
    Given { at: Moment::Exact(at), level: level.into(), profile, consent, history }
}

fn past(dice: &mut Dice<'_>) -> Past {
    let ago = dice.pick(&["1h", "3d", "7d", "10d", "30d", "45d", "89d", "100d"]);
    let offer = OfferName::from(dice.pick(&OFFERS));
    let what = match dice.below(5) {
        0 => PastWhat::Shown(offer),
        1 => PastWhat::Accepted(offer),
        2 => PastWhat::Event {
            event: EventRef::new("web-store", "view"),
            properties: BTreeMap::new(),
        },
        _ => {
            let amount = [1.0, 60.0, 100.0, 500.0][dice.below(4)];
            let properties = BTreeMap::from([
                ("order_id".into(), Value::Text("o".into())),
                ("amount".into(), Value::Number(amount)),
            ]);
            PastWhat::Event { event: EventRef::new("web-store", "purchase"), properties }
        }
    };
    Past { ago: SpanOfTime::parse(ago).unwrap(), what }
}

/// The project of these files.
pub(crate) fn project(files: &[Stored]) -> Project {
    load(files.iter().map(input).collect()).0
}

/// The engine, or why it cannot serve these components.
pub(crate) fn engine(components: &Components) -> Result<Compiled, String> {
    let digest = Digest::of(b"a drawn workspace");
    Compiled::new(digest, components).map_err(|it| it.to_string())
}

/// Somebody who has just started a session on the web store.
pub(crate) struct Visitor {
    person: Person,
    session: Session,
    now: Timestamp,
}

impl Visitor {
    /// As a scenario begins: attributes, consent, history, a session.
    pub(crate) fn new(compiled: &Compiled, given: &Given) -> Self {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now = given.at.begins(&zone);
        let mut person = Person::default();
        let key = format!("{}_id", given.level.as_str());
        let attributes = given.profile.iter().filter(|it| it.0.as_str() != key);
        let attributes = attributes.map(|it| (it.0.as_str().to_owned(), it.1.to_json())).collect();
        set_attributes(compiled, &mut person, &attributes).unwrap();
        let said = |it: &ConsentDefault| match it {
            ConsentDefault::Granted => "granted".into(),
            ConsentDefault::Denied => "denied".into(),
        };
        let consent = given.consent.iter().map(|it| (it.0.as_str().to_owned(), said(it.1)));
        set_consent(compiled, &mut person, &consent.collect(), "test", now).unwrap();
        scenario::recall(compiled, &mut person, &given.history, now).unwrap();
        person.visit();
        let session = Session {
            channel: "web-store".into(),
            level: given.level.clone(),
            key: "somebody".into(),
            locale: None,
            started: now,
            last_shown: Vec::new(),
            began_as: None,
        };
        Self { person, session, now }
    }

    /// What a point answers: the offers in order, the fallback included.
    pub(crate) fn offers(&self, compiled: &Compiled, point: &str) -> Vec<String> {
        let request = Request {
            session: &self.session,
            person: &self.person,
            point: &PointName::from(point),
            limit: None,
            exclude: &[],
            explain: Explain::Nothing,
        };
        let decision = decide(compiled, &request, self.now).unwrap();
        decision.offers.iter().map(|it| it.offer.as_str().to_owned()).collect()
    }

    /// The segments they are in.
    pub(crate) fn segments(&self, compiled: &Compiled) -> BTreeSet<String> {
        let all = segments_of(compiled, &self.session, &self.person, self.now);
        all.iter().map(|it| it.as_str().to_owned()).collect()
    }
}

/// What stands in a witness, read as the `given` of a scenario that is laid into the workspace.
pub(crate) fn given(files: &[Stored], json: &str) -> Result<Given, String> {
    let path = "channels/web-store/scenarios/pasted-witness.yaml".to_owned();
    let text =
        format!("title: Witness\ngiven: {json}\nsteps:\n  - start: {{ channel: web-store }}\n");
    let mut all = files.to_vec();
    all.push((path, text));
    let (project, findings) = load(all.iter().map(input).collect());
    let scenario = project.components.scenarios.get("pasted-witness");
    scenario.map(|it| it.content.given.clone()).ok_or_else(|| format!("{json}: {findings:?}"))
}
