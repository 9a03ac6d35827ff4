//! The parser proper: precedence climbing, with a hole for what is wrong.
//!
//! One flag, `panicking`, keeps a mistake from being reported twice: after a report nothing more is said until
//! a token has been accepted.

use taiwa_text::{LocalFix, Remark, Span, Text, say};

use super::{
    Id, Kind, MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_REMARKS, Node, Operator, Parsed,
    lex::{Lexer, T, Token, offset, remark},
};
use crate::check::code;

/// Reads one condition. Never fails: look at the remarks.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::end(0),
        last_end: 0,
        nodes: Vec::new(),
        remarks: Vec::new(),
        depth: 0,
        panicking: false,
        stop: false,
    };
    if text.len() > MAX_BYTES {
        let message = say!(
            en: "this condition is longer than {MAX_BYTES} bytes",
            ja: "この条件は {MAX_BYTES} バイトを超えています",
        );
        parser.over_limit(Span::default(), message);
        let root = parser.push(Kind::Hole, Span::default());
        return parser.finish(root);
    }
    parser.advance();
    let root = if parser.token.kind == T::End {
        let at = parser.token.span;
        let help = say!(en: "to say \"always\", write true", ja: "「常に」を表すには `true` と書いてください");
        parser.report(
            at,
            say!(en: "a condition is expected here", ja: "ここには条件が必要です"),
            Some(help),
        );
        parser.hole(at)
    } else {
        parser.expr()
    };
    while parser.token.kind != T::End && !parser.stop {
        parser.trailing();
        parser.panicking = false;
        parser.advance();
        if parser.token.kind != T::End && !is_closer(parser.token.kind) {
            parser.expr(); // read on only to find further mistakes
        }
    }
    parser.finish(root)
}

pub(super) const fn is_closer(kind: T) -> bool {
    matches!(kind, T::CloseParen | T::CloseBracket | T::CloseBrace)
}

pub(super) struct Parser<'s> {
    pub(super) lexer: Lexer<'s>,
    pub(super) token: Token<'s>,
    /// The end of the last token that was consumed.
    pub(super) last_end: u32,
    pub(super) nodes: Vec<Node>,
    remarks: Vec<Remark>,
    depth: u32,
    pub(super) panicking: bool,
    stop: bool,
}

impl Parser<'_> {
    fn finish(mut self, mut root: Id) -> Parsed {
        if self.stop {
            // What was read until the limit may itself be over it.
            self.nodes.clear();
            root = self.hole(Span::new(0, offset(self.lexer.source.len())));
        }
        self.remarks.sort_by_key(|it| it.span.start);
        Parsed { nodes: self.nodes, root, remarks: self.remarks }
    }

    pub(super) fn advance(&mut self) {
        self.last_end = self.token.span.end;
        loop {
            self.token = self.lexer.next();
            let Some(problem) = self.lexer.problem.take() else { break };
            self.panicking = false;
            self.remark(problem);
            if self.token.kind != T::Skip {
                break;
            }
        }
    }

    pub(super) fn report(&mut self, span: Span, message: Text, help: Option<Text>) {
        self.remark(remark(span, message, help));
    }

    fn remark(&mut self, remark: Remark) {
        if !self.panicking && self.remarks.len() < MAX_REMARKS {
            self.remarks.push(remark);
        }
        self.panicking = true;
    }

    /// A way to mend what was reported last, if it was reported at this place.
    pub(super) fn mend(&mut self, span: Span, fix: LocalFix) {
        if let Some(last) = self.remarks.last_mut().filter(|it| it.span == span) {
            last.fix = Some(fix);
        }
    }

    fn over_limit(&mut self, span: Span, message: Text) {
        self.panicking = false;
        let help = Some(say!(
            en: "give parts of it a name: put them in segments and use in_segment(\"name\")",
            ja: "一部に名前を付けてください。セグメントに分け、`in_segment(\"name\")` で使います",
        ));
        self.remark(Remark { code: code::LIMIT, ..remark(span, message, help) });
        self.stop = true;
        self.lexer.finish();
        self.token = Token::end(offset(self.lexer.source.len()));
    }

    fn tall(&self, ids: impl IntoIterator<Item = Id>) -> u32 {
        ids.into_iter().map(|it| self.node(it).height).max().unwrap_or(0)
    }

    pub(super) fn push(&mut self, kind: Kind, span: Span) -> Id {
        let below = match &kind {
            Kind::Hole | Kind::Literal(_) | Kind::Name { .. } => 0,
            Kind::Field { of, .. } | Kind::Not(of) | Kind::Negate(of) => self.tall([*of]),
            Kind::Index { of, index } => self.tall([*of, *index]),
            Kind::Call { target, args, .. } => self.tall(args.iter().copied().chain(*target)),
            Kind::List(of) | Kind::Chain { of, .. } => self.tall(of.iter().copied()),
            Kind::Map(of) => self.tall(of.iter().flat_map(|it| [it.0, it.1])),
            Kind::Message { of, fields } => self.tall(fields.iter().map(|it| it.1).chain([*of])),
            Kind::Choose { test, yes, no } => self.tall([*test, *yes, *no]),
        };
        let height = below + 1;
        if !self.stop {
            if height > MAX_DEPTH {
                self.over_limit(
                    span,
                    say!(
                        en: "this condition is nested more than {MAX_DEPTH} deep",
                        ja: "この条件の入れ子は {MAX_DEPTH} 段を超えています",
                    ),
                );
            } else if self.nodes.len() >= MAX_NODES {
                self.over_limit(
                    span,
                    say!(
                        en: "this condition is made of more than {MAX_NODES} parts",
                        ja: "この条件は {MAX_NODES} 個を超える部品からできています",
                    ),
                );
            }
        }
        self.nodes.push(Node { kind, span, outer: span, grouped: false, height });
        offset(self.nodes.len() - 1)
    }

    pub(super) fn hole(&mut self, span: Span) -> Id {
        self.push(Kind::Hole, span)
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// The bytes of a node with its parentheses.
    pub(super) fn span_of(&self, id: Id) -> Span {
        self.node(id).outer
    }

    pub(super) fn eat(&mut self, kind: T) -> bool {
        let yes = self.token.kind == kind;
        if yes {
            self.accept();
        }
        yes
    }

    /// Takes the token as it is: what follows may be reported again.
    pub(super) fn accept(&mut self) {
        self.panicking = false;
        self.advance();
    }

    pub(super) fn expr(&mut self) -> Id {
        self.nested(Self::choose)
    }

    /// One level deeper, unless that is too deep. Every way of the parser to call itself leads through here.
    pub(super) fn nested(&mut self, read: fn(&mut Self) -> Id) -> Id {
        self.depth += 1;
        let id = if self.depth > MAX_DEPTH {
            let span = self.token.span;
            self.over_limit(
                span,
                say!(
                    en: "this condition is nested more than {MAX_DEPTH} deep",
                    ja: "この条件の入れ子は {MAX_DEPTH} 段を超えています",
                ),
            );
            self.hole(span)
        } else {
            read(self)
        };
        self.depth -= 1;
        id
    }

    fn choose(&mut self) -> Id {
        let test = self.binary(0);
        if !self.eat(T::Question) {
            return test;
        }
        let yes = self.binary(0);
        if !self.eat(T::Colon) {
            let help = say!(
                en: "write: test ? when_true : when_false",
                ja: "`test ? when_true : when_false` の形で書いてください",
            );
            self.report(
                self.here(),
                say!(
                    en: "`?` needs a `:` and what to take otherwise",
                    ja: "`?` には `:` と、偽のときの値が必要です",
                ),
                Some(help),
            );
            self.sync();
            return self.hole(self.span_of(test).to(self.span_of(yes)));
        }
        let no = self.expr();
        let span = self.span_of(test).to(self.span_of(no));
        self.push(Kind::Choose { test, yes, no }, span)
    }

    fn binary(&mut self, floor: u8) -> Id {
        let mut left = self.unary();
        loop {
            let Some(op) = operator(self.token.kind) else {
                if !self.wrong_operator(floor) {
                    return left;
                }
                continue;
            };
            if op.level() < floor || self.stop {
                return left;
            }
            let op_span = self.token.span;
            self.accept();
            let right = self.binary(op.level() + 1);
            left = self.join(op, op_span, left, right);
        }
    }

    /// Chains of one `&&` or `||` stay flat, so that long conditions stay shallow.
    fn join(&mut self, op: Operator, op_span: Span, left: Id, right: Id) -> Id {
        let span = self.span_of(left).to(self.span_of(right));
        let height = self.node(right).height + 1;
        let node = &mut self.nodes[left as usize];
        let flat = matches!(op, Operator::And | Operator::Or) && !node.grouped;
        match &mut node.kind {
            Kind::Chain { op: own, of, .. } if flat && *own == op => {
                of.push(right);
                (node.span, node.outer) = (span, span);
                node.height = node.height.max(height);
                left
            }
            _ => self.push(Kind::Chain { op, op_span, of: vec![left, right] }, span),
        }
    }

    pub(super) fn unary(&mut self) -> Id {
        let mut marks = Vec::new();
        while matches!(self.token.kind, T::Not | T::Minus) {
            let (kind, span) = (self.token.kind, self.token.span);
            self.accept();
            if kind == T::Minus && matches!(self.token.kind, T::Int | T::Float) {
                let id = self.number(Some(span));
                let id = self.postfix(id);
                return self.wrap(marks, id);
            }
            marks.push((kind, span));
        }
        let id = self.primary();
        let id = self.postfix(id);
        self.wrap(marks, id)
    }

    fn wrap(&mut self, marks: Vec<(T, Span)>, mut id: Id) -> Id {
        for (kind, span) in marks.into_iter().rev() {
            if self.stop {
                break;
            }
            let whole = span.to(self.span_of(id));
            let kind = if kind == T::Not { Kind::Not(id) } else { Kind::Negate(id) };
            id = self.push(kind, whole);
        }
        id
    }
}

pub(super) const fn operator(kind: T) -> Option<Operator> {
    Some(match kind {
        T::Or => Operator::Or,
        T::And => Operator::And,
        T::Equal => Operator::Equal,
        T::Unequal => Operator::Unequal,
        T::Less => Operator::Less,
        T::AtMost => Operator::AtMost,
        T::Greater => Operator::Greater,
        T::AtLeast => Operator::AtLeast,
        T::In => Operator::In,
        T::Plus => Operator::Add,
        T::Minus => Operator::Subtract,
        T::Star => Operator::Multiply,
        T::Slash => Operator::Divide,
        T::Percent => Operator::Remainder,
        _ => return None,
    })
}
