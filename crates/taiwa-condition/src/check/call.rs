//! Calls: which function is meant, and whether it has what it needs.

use taiwa_text::Span;

use super::{
    Checker, Typed, code,
    function::{FUNCTIONS, METHODS, Signature},
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
                let message = format!("`{name}` stands alone");
                self.error(code::UNKNOWN, span, message, Some(format!("write {}", it.example)));
                self.hole(id)
            }
            (None, None, Some(it)) => {
                let message = format!("`{name}` is asked of a value");
                self.error(code::UNKNOWN, span, message, Some(format!("write {}", it.example)));
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
            format!("did you mean `{near}`?")
        } else {
            let names: Vec<_> = all().map(|it| it.name).collect();
            format!("there are {}", names.join(", "))
        };
        self.error(code::UNKNOWN, span, format!("there is no function `{name}`"), Some(help));
        self.hole(id)
    }

    /// Whether a call has as many arguments as it needs; reports it where it has not.
    fn counted(&mut self, signature: &Signature, span: Span, args: &[Id]) -> bool {
        let Signature { name, arguments, windowed, example } = signature;
        if args.len() == *arguments {
            return true;
        }
        if *windowed && args.len() + 1 == *arguments {
            let message = format!("`{name}` needs a window: how far back it looks");
            self.error(code::WINDOW, span, message, Some(format!("write for example {example}")));
            return false;
        }
        let needs = match arguments {
            0 => "nothing".to_owned(),
            1 => "one thing".to_owned(),
            many => format!("{many} things"),
        };
        let message = format!("`{name}` takes {needs} in its parentheses, not {}", args.len());
        self.error(code::TYPE, span, message, Some(format!("write for example {example}")));
        false
    }
}
