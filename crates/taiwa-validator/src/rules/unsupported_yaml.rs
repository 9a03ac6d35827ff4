//! Rule TW0007, unsupported-yaml.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports anchors, aliases, tags, merge keys, a second document and `? key`.
    ///
    /// ## Why it matters
    /// They make one value depend on another place of the file, and a few lines of them can grow to gigabytes. What is
    /// written here is read by many people; it says everything where it stands.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: &name Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: *name } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static UNSUPPORTED_YAML = {
        code: "TW0007",
        name: "unsupported-yaml",
        level: Guard,
        check: Check::Reader,
    }
}
