//! The oracle: random conditions as text, and their naive reading with CEL's rules.
//!
//! Dynamic values, no short ways, `&&` and `||` look at both sides and absorb errors. Where the product is
//! wider than CEL (an int beside a double widens; ints end at 2^53) so is the oracle.

use taiwa_model::Value;

use super::world::World;
use crate::{Id, Kind, Literal, Operator, Parsed, Truth};

/// A condition that the checker accepts, drawn by bytes; when they are used up, the simplest.
pub(super) fn condition(bytes: &[u8]) -> String {
    let mut draw = Draw { bytes: bytes.iter() };
    draw.test(5)
}

/// A number in the same way.
pub(super) fn number(bytes: &[u8]) -> String {
    Draw { bytes: bytes.iter() }.number(4)
}

struct Draw<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

impl Draw<'_> {
    fn next(&mut self, below: u8) -> u8 {
        self.bytes.next().map_or(0, |it| it % below)
    }

    fn one(&mut self, of: &[&str]) -> String {
        let count = u8::try_from(of.len()).unwrap();
        of[usize::from(self.next(count))].to_owned()
    }

    fn test(&mut self, depth: u8) -> String {
        const LEAVES: [&str; 22] = [
            "true",
            "false",
            "profile.vip",
            "profile.tier == \"gold\"",
            "\"none\" != profile.tier",
            "profile.tier in [\"gold\", \"silver\"]",
            "\"gold\" in profile.interests",
            "profile.name in profile.interests",
            "has(profile.age)",
            "has(profile.name)",
            "in_segment(\"adults\")",
            "consented(\"marketing-email\")",
            "flagged(\"x\")",
            "shown(\"bogo-weekend\", \"7d\")",
            "seen(\"purchase\", \"30d\")",
            "level() == \"customer\"",
            "level() != \"visitor\"",
            "session.known",
            "session.weekday in [6, 7]",
            "profile.visited_at > session.now - duration(\"2d\")",
            "since(\"shop/visit\") < duration(\"36h\")",
            "profile.lucky.exists(i, 2 / i == 1)",
        ];
        if depth == 0 {
            return self.one(&LEAVES);
        }
        // Near the root seldom a leaf: what bytes are left draws something larger.
        match self.next(12).max(if depth > 2 { 3 } else { 0 }) {
            0..=2 => self.one(&LEAVES),
            3 => format!("!({})", self.test(depth - 1)),
            4 => format!("({} && {})", self.test(depth - 1), self.test(depth - 1)),
            5 => format!("({} || {})", self.test(depth - 1), self.test(depth - 1)),
            6 => {
                let op = self.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{} {op} {}", self.number(depth - 1), self.number(depth - 1))
            }
            7 => {
                let op = self.one(&["==", "!=", "<", ">="]);
                format!("{} {op} {}", self.text(), self.text())
            }
            8 => format!(
                "({} ? {} : {})",
                self.test(depth - 1),
                self.test(depth - 1),
                self.test(depth - 1)
            ),
            9 => {
                let test = self.one(&["startsWith", "endsWith", "contains"]);
                format!("{}.{test}({})", self.text(), self.text())
            }
            10 => {
                let (many, body) =
                    (self.one(&["exists", "all"]), self.one(&["i == \"a\"", "size(i) > 1"]));
                format!("profile.interests.{many}(i, {body})")
            }
            _ => {
                let list = self.one(&["[1, 2]", "[0.5, 1]", "profile.lucky"]);
                format!("{} in {list}", self.number(depth - 1))
            }
        }
    }

    fn number(&mut self, depth: u8) -> String {
        const LEAVES: [&str; 10] = [
            "1",
            "profile.visits * 1",
            "profile.age + 0",
            "profile.balance",
            "0.5",
            "session.weekday - 0",
            "count(\"purchase\", \"30d\")",
            "sum(\"purchase\", \"amount\", \"30d\")",
            "size(profile.interests)",
            "9007199254740991",
        ];
        if depth == 0 {
            return format!("({})", self.one(&LEAVES));
        }
        match self.next(5) {
            0 => format!("({})", self.one(&LEAVES)),
            1 => format!("(-{})", self.number(depth - 1)),
            2 | 3 => {
                let op = self.one(&["+", "-", "*", "/"]);
                format!("({} {op} {})", self.number(depth - 1), self.number(depth - 1))
            }
            _ => format!(
                "({} ? {} : {})",
                self.test(depth - 1),
                self.number(depth - 1),
                self.number(depth - 1)
            ),
        }
    }

    fn text(&mut self) -> String {
        self.one(&[
            "\"a\"",
            "profile.name",
            "profile.email",
            "\"\"",
            "(profile.vip ? \"ab\" : profile.name)",
        ])
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Dynamic {
    Bool(bool),
    Int(i128),
    Double(f64),
    Text(String),
    Millis(i128),
    List(Vec<Self>),
}

/// `Err` is CEL's error: here always a missing value, an overflow or a division by zero.
type Outcome = Result<Dynamic, ()>;

pub(super) fn read(parsed: &Parsed, world: &World) -> Truth {
    let reader = Reader { parsed, world };
    match reader.eval(parsed.root, None) {
        Ok(Dynamic::Bool(it)) => it.into(),
        Ok(other) => panic!("no condition: {other:?}"),
        Err(()) => Truth::Unknown,
    }
}

struct Reader<'a> {
    parsed: &'a Parsed,
    world: &'a World,
}

impl Reader<'_> {
    fn eval(&self, id: Id, element: Option<&Dynamic>) -> Outcome {
        match &self.parsed.node(id).kind {
            Kind::Literal(it) => Ok(match it {
                Literal::Bool(it) => Dynamic::Bool(*it),
                Literal::Int(it) => Dynamic::Int(i128::from(*it)),
                Literal::Double(it) => Dynamic::Double(*it),
                Literal::Text(it) => Dynamic::Text(it.clone()),
                other => panic!("{other:?}"),
            }),
            Kind::Name { .. } => Ok(element.expect("only elements are plain names").clone()),
            Kind::Field { of, field, .. } => self.field(*of, field),
            Kind::List(items) => items
                .iter()
                .map(|it| self.eval(*it, element))
                .collect::<Result<_, _>>()
                .map(Dynamic::List),
            Kind::Not(of) => Ok(Dynamic::Bool(!self.truth(*of, element)?)),
            Kind::Negate(of) => match self.eval(*of, element)? {
                Dynamic::Int(it) => Ok(Dynamic::Int(-it)),
                Dynamic::Double(it) => Ok(Dynamic::Double(-it)),
                other => panic!("-{other:?}"),
            },
            Kind::Choose { test, yes, no } => {
                let taken = if self.truth(*test, element)? { *yes } else { *no };
                let value = self.eval(taken, element)?;
                let widen = self.doubles(*yes) || self.doubles(*no);
                Ok(if widen { Dynamic::Double(double(&value)) } else { value })
            }
            Kind::Chain { op, of, .. } => self.chain(*op, of, element),
            Kind::Call { target, name, args, .. } => self.call(*target, name, args, element),
            other => panic!("{other:?}"),
        }
    }

    fn truth(&self, id: Id, element: Option<&Dynamic>) -> Result<bool, ()> {
        match self.eval(id, element)? {
            Dynamic::Bool(it) => Ok(it),
            other => panic!("no truth: {other:?}"),
        }
    }

    /// Whether a part is a double, whatever the person.
    fn doubles(&self, id: Id) -> bool {
        match &self.parsed.node(id).kind {
            Kind::Literal(Literal::Double(_)) => true,
            Kind::Field { field, .. } => matches!(field.as_str(), "balance" | "rating"),
            Kind::Call { name, .. } => name == "sum",
            Kind::Negate(of) => self.doubles(*of),
            Kind::Chain { of, op, .. } => op.level() > 2 && of.iter().any(|it| self.doubles(*it)),
            Kind::Choose { yes, no, .. } => self.doubles(*yes) || self.doubles(*no),
            _ => false,
        }
    }

    fn field(&self, of: Id, field: &str) -> Outcome {
        let Kind::Name { name, .. } = &self.parsed.node(of).kind else { panic!() };
        let session = &self.world.session;
        match (name.as_str(), field) {
            ("session", "now") => Ok(Dynamic::Millis(i128::from(session.now.as_millis()))),
            ("session", "weekday") => Ok(Dynamic::Int(i128::from(session.weekday))),
            ("session", "known") => Ok(Dynamic::Bool(session.known)),
            ("profile", "interests" | "lucky") if !self.world.attributes.contains_key(field) => {
                Ok(Dynamic::List(vec![]))
            }
            ("profile", _) => self.world.attributes.get(field).map(dynamic).ok_or(()),
            other => panic!("{other:?}"),
        }
    }

    fn chain(&self, op: Operator, of: &[Id], element: Option<&Dynamic>) -> Outcome {
        let all: Vec<_> = of.iter().map(|it| self.eval(*it, element)).collect();
        let absorbing = op == Operator::Or;
        if matches!(op, Operator::And | Operator::Or) {
            if all.contains(&Ok(Dynamic::Bool(absorbing))) {
                return Ok(Dynamic::Bool(absorbing));
            }
            return if all.contains(&Err(())) { Err(()) } else { Ok(Dynamic::Bool(!absorbing)) };
        }
        let (left, right) = (all[0].clone()?, all[1].clone()?);
        match op {
            Operator::In => match right {
                Dynamic::List(items) => Ok(Dynamic::Bool(items.iter().any(|it| equal(it, &left)))),
                other => panic!("in {other:?}"),
            },
            Operator::Equal => Ok(Dynamic::Bool(equal(&left, &right))),
            Operator::Unequal => Ok(Dynamic::Bool(!equal(&left, &right))),
            Operator::Less => Ok(Dynamic::Bool(less(&left, &right))),
            Operator::Greater => Ok(Dynamic::Bool(less(&right, &left))),
            Operator::AtMost => Ok(Dynamic::Bool(!less(&right, &left))),
            Operator::AtLeast => Ok(Dynamic::Bool(!less(&left, &right))),
            _ => calculate(op, &left, &right),
        }
    }

    fn call(
        &self,
        target: Option<Id>,
        name: &str,
        args: &[Id],
        element: Option<&Dynamic>,
    ) -> Outcome {
        if let ("exists" | "all", [_, body]) = (name, args) {
            let Dynamic::List(items) = self.eval(target.unwrap(), element)? else { panic!() };
            let all: Vec<_> = items.iter().map(|it| self.truth(*body, Some(it))).collect();
            let decisive = name == "exists";
            return match () {
                () if all.contains(&Ok(decisive)) => Ok(Dynamic::Bool(decisive)),
                () if all.contains(&Err(())) => Err(()),
                () => Ok(Dynamic::Bool(!decisive)),
            };
        }
        if name == "has" {
            return Ok(Dynamic::Bool(self.eval(args[0], element).is_ok()));
        }
        if name == "level" {
            return Ok(Dynamic::Text(
                if self.world.customer { "customer" } else { "visitor" }.into(),
            ));
        }
        let mut values: Vec<_> =
            args.iter().map(|it| self.eval(*it, element)).collect::<Result<_, _>>()?;
        if let Some(target) = target {
            values.insert(0, self.eval(target, element)?);
        }
        let text = |index: usize| match &values[index] {
            Dynamic::Text(it) => it.as_str(),
            other => panic!("{other:?}"),
        };
        let fact = |fact: String| Ok(Dynamic::Bool(self.world.facts.contains(&fact)));
        match name {
            "in_segment" => fact(format!("segment {}", text(0))),
            "consented" => fact(format!("consent {}", text(0))),
            "flagged" => fact(format!("flag {}", text(0))),
            "shown" => fact(format!("shown {} {}", text(0), text(1))),
            "seen" => Ok(Dynamic::Bool(self.world.counts["web-store/purchase 30d"] > 0)),
            "count" => Ok(Dynamic::Int(i128::from(self.world.counts["web-store/purchase 30d"]))),
            "sum" => Ok(Dynamic::Double(self.world.sums["web-store/purchase amount 30d"])),
            "since" => self
                .world
                .last
                .get("shop/visit")
                .map(|it| Dynamic::Millis(i128::from(*it)))
                .ok_or(()),
            "duration" => {
                let hours = if text(0) == "2d" { 48 } else { 36 };
                Ok(Dynamic::Millis(hours * 3_600_000))
            }
            "size" => Ok(Dynamic::Int(match &values[0] {
                Dynamic::List(it) => it.len() as i128,
                _ => text(0).chars().count() as i128,
            })),
            "startsWith" => Ok(Dynamic::Bool(text(0).starts_with(text(1)))),
            "endsWith" => Ok(Dynamic::Bool(text(0).ends_with(text(1)))),
            "contains" => Ok(Dynamic::Bool(text(0).contains(text(1)))),
            other => panic!("{other}"),
        }
    }
}

fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Bool(it) => Dynamic::Bool(*it),
        Value::Int(it) => Dynamic::Int(i128::from(*it)),
        Value::Number(it) => Dynamic::Double(*it),
        Value::Text(it) => Dynamic::Text(it.clone()),
        Value::Time(it) => Dynamic::Millis(i128::from(it.as_millis())),
        Value::Texts(it) => Dynamic::List(it.iter().map(|it| Dynamic::Text(it.clone())).collect()),
        Value::Ints(it) => {
            Dynamic::List(it.iter().map(|it| Dynamic::Int(i128::from(*it))).collect())
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "ints of the tests lie within 2^53")]
fn double(value: &Dynamic) -> f64 {
    match value {
        Dynamic::Int(it) => *it as f64,
        Dynamic::Double(it) => *it,
        other => panic!("no number: {other:?}"),
    }
}

fn equal(a: &Dynamic, b: &Dynamic) -> bool {
    match (a, b) {
        (Dynamic::Int(_), Dynamic::Double(_)) | (Dynamic::Double(_), Dynamic::Int(_)) => {
            double(a).total_cmp(&double(b)).is_eq() || (double(a) == 0.0 && double(b) == 0.0)
        }
        _ => a == b,
    }
}

fn less(a: &Dynamic, b: &Dynamic) -> bool {
    match (a, b) {
        (Dynamic::Text(a), Dynamic::Text(b)) => a < b,
        (Dynamic::Millis(a), Dynamic::Millis(b)) | (Dynamic::Int(a), Dynamic::Int(b)) => a < b,
        _ => double(a) < double(b),
    }
}

fn calculate(op: Operator, left: &Dynamic, right: &Dynamic) -> Outcome {
    match (left, right) {
        (Dynamic::Int(a), Dynamic::Int(b)) => {
            let result = match op {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                _ => a.checked_div(*b).ok_or(())?,
            };
            if result.abs() < 1 << 53 { Ok(Dynamic::Int(result)) } else { Err(()) }
        }
        (Dynamic::Millis(a), Dynamic::Millis(b)) => {
            Ok(Dynamic::Millis(if op == Operator::Add { a + b } else { a - b }))
        }
        _ => {
            let (a, b) = (double(left), double(right));
            let result = match op {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                _ => a / b,
            };
            if result.is_finite() { Ok(Dynamic::Double(result)) } else { Err(()) }
        }
    }
}
