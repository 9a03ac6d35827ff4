//! Rule TW1008, format-raised.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{
    Check,
    against::{Category, Comparison},
};

rule! {
    /// ## What it does
    /// Finds a higher `format` in `taiwa.yaml` than there was.
    ///
    /// ## Why it matters
    /// Releases of a newer format are refused by servers of an older version. All servers of all environments must know
    /// the format before the first file uses it, and a rollback of the servers must not go behind it any more.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 2
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso Coffee
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    pub(crate) static FORMAT_RAISED = {
        code: "TW1008",
        name: "format-raised",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
`taiwa.yaml` の `format` が以前より大きくなったことを知らせます。

## なぜ大切か
新しい形式のリリースは、古い版のサーバーに拒否されます。最初のファイルで使う前に、すべての環境のすべてのサーバーがその形式に対応していなければならず、その後はサーバーを古い版に戻せません。",
        check: Check::Against(Category::Contract, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let id = ComponentId::new(Kind::Workspace, "taiwa");
    let Some(old) = cx.old().workspace.as_ref().map(|it| it.format) else { return };
    let Some(new) = cx.written_format().filter(|it| *it > u64::from(old)) else { return };
    let message = say!(
        en: "the format is {new}, and {old} before: servers that know only the old one refuse the release",
        ja: "形式が {old} から {new} に上がりました。古い形式しか知らないサーバーはリリースを拒否します"
    );
    let help = say!(
        en: "bring every server of every environment to a version that knows format {new} first",
        ja: "先にすべての環境のすべてのサーバーを形式 {new} に対応した版にしてください"
    );
    findings.push(cx.now.at(&FORMAT_RAISED, &id, "format", message).help(help));
}
