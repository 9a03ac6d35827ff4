//! Calls: which function is meant, and whether it has what it needs.

use taiwa_text::{LocalFix, Span, Text, say};

use super::{
    Checker, Typed, code,
    signature::{FUNCTIONS, METHODS, Signature},
};
use crate::{Id, closest};

impl<'c> Checker<'c> {
    pub(super) fn call(
        &mut self,
        id: Id,
        target: Option<Id>,
        (name, span): (&'c str, Span),
        args: &'c [Id],
    ) -> Typed<'c> {
        let function = FUNCTIONS.iter().find(|it| it.name == name);
        let method = METHODS.iter().find(|it| it.name == name);
        match (target, function, method) {
            (None, Some(it), _) => {
                if !self.counted(it, span, args) {
                    return self.hole(id);
                }
                self.function(id, (name, span), args)
            }
            (Some(target), _, Some(it)) => {
                if !self.counted(it, span, args) {
                    self.infer(target);
                    return self.hole(id);
                }
                self.method(id, target, (name, span), args)
            }
            (Some(target), Some(it), None) => {
                self.infer(target);
                let message =
                    say!(en: "`{name}` stands alone", ja: "`{name}` は単独で使う関数です");
                self.error(
                    code::UNKNOWN,
                    span,
                    message,
                    Some(say!(en: "write {}", ja: "`{}` と書いてください", it.example)),
                );
                self.hole(id)
            }
            (None, None, Some(it)) => {
                let message = say!(
                    en: "`{name}` is asked of a value",
                    ja: "`{name}` は値の後に付けて使う関数です",
                );
                self.error(
                    code::UNKNOWN,
                    span,
                    message,
                    Some(say!(en: "write {}", ja: "`{}` と書いてください", it.example)),
                );
                self.hole(id)
            }
            (_, None, None) => self.unknown_function(id, target, (name, span)),
        }
    }

    fn unknown_function(
        &mut self,
        id: Id,
        target: Option<Id>,
        (name, span): (&'c str, Span),
    ) -> Typed<'c> {
        if let Some(refused) = self.refuse_function(id, (name, span)) {
            return refused;
        }
        if let Some(target) = target {
            self.infer(target);
        }
        let all = || if target.is_some() { METHODS.iter() } else { FUNCTIONS.iter() };
        let near = closest(name, all().map(|it| it.name));
        let help = if let Some(near) = near {
            say!(en: "did you mean `{near}`?", ja: "もしかして `{near}` ですか？")
        } else {
            let names: Vec<_> = all().map(|it| it.name).collect();
            say!(en: "there are {}", ja: "使える関数は {} です", Text::row(&names))
        };
        self.error(
            code::UNKNOWN,
            span,
            say!(en: "there is no function `{name}`", ja: "関数 `{name}` はありません"),
            Some(help),
        );
        if let Some(near) = near {
            self.mend(LocalFix::guess(span, near));
        }
        self.hole(id)
    }

    /// Whether a call has as many arguments as it needs; reports it where it has not.
    fn counted(&mut self, signature: &Signature, span: Span, args: &[Id]) -> bool {
        let Signature { name, arguments, windowed, example } = signature;
        if args.len() == *arguments {
            return true;
        }
        if *windowed && args.len() + 1 == *arguments {
            let message = say!(
                en: "`{name}` needs a window: how far back it looks",
                ja: "`{name}` には、どこまでさかのぼるかを示す集計期間が必要です",
            );
            self.error(
                code::WINDOW,
                span,
                message,
                Some(say!(en: "write for example {example}", ja: "たとえば `{example}` と書いてください")),
            );
            return false;
        }
        let needs = match arguments {
            0 => say!(en: "nothing", ja: "引数は不要"),
            1 => say!(en: "one thing", ja: "引数は 1 つ必要"),
            many => say!(en: "{many} things", ja: "引数は {many} つ必要"),
        };
        let message = say!(
            en: "`{name}` takes {needs} in its parentheses, not {given}",
            ja: "`{name}` に{needs}です。今は {given} つあります",
            needs = needs,
            given = args.len(),
        );
        self.error(
            code::TYPE,
            span,
            message,
            Some(say!(en: "write for example {example}", ja: "たとえば `{example}` と書いてください")),
        );
        false
    }
}
