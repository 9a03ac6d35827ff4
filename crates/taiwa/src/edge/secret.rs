//! Secrets: references in files, values in the environment of a command, and nothing in between that could be printed.
//!
//! **Invariants.** A value is read when it is used. It has no `Display`, its `Debug` is the same for every value, and no
//! message that is made here holds any of it.

use taiwa_config::environment::reference;

use crate::{Cx, Failure};

/// The value of a secret.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The value that `${NAME}` stands for; `asks` says who wants it.
    pub(crate) fn resolve(cx: &Cx<'_>, written: &str, asks: &str) -> Result<Self, Failure> {
        let name = reference(written).ok_or_else(|| {
            Failure::no("findings", format!("{asks}, and it is written in clear; write ${{NAME}}"))
        })?;
        let value = cx.var(name).ok_or_else(|| {
            Failure::wrong("secret-missing", format!("{asks}, and {name} is not set"))
                .help(format!("set it in the environment of this command: {name}=…"))
        })?;
        Ok(Self(value.to_owned()))
    }

    /// What stands in a file and is no secret, where a secret could stand.
    pub(crate) fn plain(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The value, for whoever sends it or signs with it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_can_be_printed() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut cx = Cx::captured(std::path::PathBuf::new(), &mut out, &mut err);
        cx.env.insert("HOOK".to_owned(), "canary-1".to_owned());
        let secret = Secret::resolve(&cx, "${HOOK}", "somebody asks").unwrap();
        assert_eq!((format!("{secret:?}").as_str(), secret.reveal()), ("Secret(…)", "canary-1"));
        for written in ["canary-2", "${NONE}", "${canary-3}", ""] {
            let failure = Secret::resolve(&cx, written, "somebody asks").unwrap_err();
            assert!(!format!("{failure:?}{failure}").contains("canary"), "{failure:?}");
        }
    }
}
