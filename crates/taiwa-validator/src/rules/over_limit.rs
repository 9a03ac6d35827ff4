//! Rule TW0008, over-limit.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a file that is larger, deeper or has more values than a file may: 1 MiB, 64 levels, 20,000 values, texts
    /// of 64 KiB.
    ///
    /// ## Why it matters
    /// Nobody writes such a file by hand; refusing it keeps one bad file from stopping everybody's work.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
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
    pub(crate) static OVER_LIMIT = {
        code: "TW0008",
        name: "over-limit",
        level: Guard,
        ja: r"## 何を調べるか
大きさ、深さ、値の数が上限を超えるファイルを報告します。上限は 1 MiB、64 段、20,000 個、文字列は 64 KiB です。

## なぜ大切か
人が手で書くことのない大きさです。受け付けないことで、1 つの悪いファイルが全員の仕事を止めるのを防ぎます。
",
        check: Check::Reader,
    }
}
