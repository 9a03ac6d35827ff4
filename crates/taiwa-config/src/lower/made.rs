//! Texts of a certain make: lengths of time, dates, zones, shares, addresses, keys.
//! Long because every mistake is said in two languages at its place.

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use taiwa_model::{Moment, SpanError, SpanOfTime, is_locale};
use taiwa_syntax::Style;
use taiwa_text::{Finding, Safety, Text, say};

use super::{At, Walker};
use crate::{environment::reference, scalar::ambiguity, shape::Make};

/// A text that is not of its make: code, words, way out.
type Wrong = (&'static str, Text, Option<Text>);

impl Walker<'_> {
    pub(super) fn made(
        &mut self,
        make: Make,
        at: At<'_>,
        text: &str,
        style: Style,
    ) -> Option<Json> {
        match read(make, text) {
            Ok(json) => {
                if make == Make::Clock && ambiguity(text, style).is_some() {
                    let message = say!(
                        en: "`{text}` without quotes is a number to some programs",
                        ja: "引用符のない `{text}` を数値と読むプログラムがあります",
                    );
                    let finding = Finding::error("TW0006", self.place(at.node), message);
                    self.findings.push(
                        finding
                            .help(say!(en: "write \"{text}\"", ja: "`\"{text}\"` と書いてください"))
                            .warning(),
                    );
                    self.quote(at.node);
                }
                Some(json)
            }
            Err((code, message, help)) => {
                let mut finding = Finding::error(code, self.place(at.node), message);
                finding.help = help;
                self.findings.push(finding);
                if let Some(meant) = meant(make, text) {
                    self.respell(at.node, &meant, Safety::Unsafe);
                }
                None
            }
        }
    }
}

/// What a text of the wrong make was probably meant to be.
fn meant(make: Make, text: &str) -> Option<String> {
    let text = text.trim();
    let meant = match make {
        Make::Currency => text.to_ascii_uppercase(),
        Make::Percent => format!("{text}%"),
        Make::Rate => format!("{text}/s"),
        Make::Clock => format!("0{text}"),
        Make::ServerUrl => format!("https://{}", text.strip_prefix("http://").unwrap_or(text)),
        Make::Locale => text.replace('_', "-"),
        Make::Duration => text.replace(' ', "").to_ascii_lowercase(),
        _ => return None,
    };
    (text.len() < 200 && read(make, &meant).is_ok()).then_some(meant)
}

fn read(make: Make, text: &str) -> Result<Json, Wrong> {
    let good = match make {
        Make::Duration => {
            SpanOfTime::parse(text).map_err(|it| {
                let help = say!(
                    en: "a whole number and ms, s, m, h, d or w",
                    ja: "整数に `ms`、`s`、`m`、`h`、`d`、`w` のいずれかを付けて書きます",
                );
                ("TW0017", span_error(it), Some(help))
            })?;
            true
        }
        Make::Moment => {
            Moment::parse(text).map_err(|_| {
                let message = say!(
                    en: "`{text}` is not a date such as 2027-01-31 or 2026-12-24T09:00",
                    ja: "`{text}` は `2027-01-31` や `2026-12-24T09:00` のような日付ではありません",
                );
                ("TW0017", message, None)
            })?;
            true
        }
        Make::Clock => is_clock(text),
        Make::Locale => is_locale(text),
        Make::Zone => TimeZone::get(text).is_ok() && text.contains(['/', 'U', 'G']),
        Make::Currency => CURRENCIES.split(' ').any(|it| it == text),
        Make::Measure => is_measure(text),
        Make::Percent => return percent(text),
        Make::Rate => return rate(text),
        Make::Secret => reference(text).is_some(),
        Make::ServerUrl => server_url(text)?,
        Make::Hook => reference(text).is_some() || hook(text)?,
        Make::Link => {
            text.starts_with('/') || text.split_once(':').is_some_and(|it| !it.1.is_empty())
        }
        Make::PublicKey => public_key(text)?,
        Make::Path => is_path(text),
    };
    if good { Ok(text.into()) } else { Err(malformed(make, text)) }
}

/// What is wrong with a text that is not of its make.
fn malformed(make: Make, text: &str) -> Wrong {
    let (what, help) = match make {
        Make::Clock => (
            say!(en: "a time of day", ja: "時刻"),
            say!(en: "such as \"21:00\"", ja: "たとえば `\"21:00\"` です"),
        ),
        Make::Locale => (
            say!(en: "a locale", ja: "ロケール"),
            say!(en: "such as en, ja or ja-JP", ja: "たとえば `en`、`ja`、`ja-JP` です"),
        ),
        Make::Zone => (
            say!(en: "a time zone", ja: "タイムゾーン"),
            say!(en: "an IANA name such as Asia/Tokyo", ja: "`Asia/Tokyo` のような IANA の名前を書いてください"),
        ),
        Make::Currency => (
            say!(en: "a currency", ja: "通貨"),
            say!(en: "an ISO 4217 code such as JPY", ja: "`JPY` のような ISO 4217 のコードを書いてください"),
        ),
        Make::Measure => (
            say!(en: "a measure", ja: "測り方"),
            say!(
                en: "count, people, sum(PROPERTY) or rate(channel/event)",
                ja: "`count`、`people`、`sum(PROPERTY)`、`rate(channel/event)` のいずれかです",
            ),
        ),
        Make::Secret => {
            // the text itself is never repeated
            let message =
                say!(en: "a secret stands here in clear", ja: "秘密の値がそのまま書かれています");
            let help = say!(
                en: "write \"${{NAME}}\", the name of an environment variable; and change the secret",
                ja: "環境変数の名前を `\"${{NAME}}\"` の形で書き、この秘密の値は変更してください",
            );
            return ("TW0705", message, Some(help));
        }
        Make::Path => (
            say!(en: "a path within the workspace", ja: "ワークスペース内のパス"),
            say!(en: "relative, with `/`, without `..`", ja: "`/` で区切った相対パスで、`..` は使わずに書いてください"),
        ),
        _ => (
            say!(en: "an address", ja: "アドレス"),
            say!(
                en: "such as https://www.contoso.example/coffee",
                ja: "たとえば `https://www.contoso.example/coffee` です",
            ),
        ),
    };
    (
        "TW0017",
        say!(en: "`{text}` is not {}", ja: "`{text}` は正しい{}ではありません", what),
        Some(help),
    )
}

/// Why a text is no length of time.
fn span_error(error: SpanError) -> Text {
    match error {
        SpanError::NoUnit { text } => {
            say!(
                en: "`{text}` has no unit: is it {text}h or {text}d?",
                ja: "`{text}` に単位がありません。`{text}h` ですか、`{text}d` ですか？",
            )
        }
        SpanError::Malformed { text } => {
            say!(
                en: "`{text}` is not a length of time such as 12h, 30d or 8w",
                ja: "`{text}` は `12h`、`30d`、`8w` のような期間ではありません",
            )
        }
    }
}

/// `HH:MM`, 00:00 to 23:59.
fn is_clock(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let number = |it: &str| {
        it.bytes().all(|it| it.is_ascii_digit()).then(|| it.parse::<u8>().ok()).flatten()
    };
    hour.len() == 2
        && minute.len() == 2
        && number(hour).is_some_and(|it| it < 24)
        && number(minute).is_some_and(|it| it < 60)
}

fn is_measure(text: &str) -> bool {
    let inner = |name: &str| {
        text.strip_prefix(name)
            .and_then(|it| it.strip_prefix('('))
            .and_then(|it| it.strip_suffix(')'))
    };
    let rate = inner("rate").and_then(|it| it.split_once('/'));
    matches!(text, "count" | "people")
        || inner("sum").is_some_and(taiwa_model::is_snake)
        || rate.is_some_and(|(channel, event)| {
            taiwa_model::is_kebab(channel) && taiwa_model::is_snake(event)
        })
}

/// `0.5%` in basis points: 50.
fn percent(text: &str) -> Result<Json, Wrong> {
    let wrong = |help| {
        Err((
            "TW0017",
            say!(
                en: "`{text}` is not a share such as 5% or 0.5%",
                ja: "`{text}` は `5%` や `0.5%` のような割合ではありません",
            ),
            Some(help),
        ))
    };
    let Some(number) = text.strip_suffix('%') else {
        return wrong(
            say!(en: "a share is written with its sign: 5%", ja: "割合は `5%` のように `%` を付けて書きます"),
        );
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 3 || fraction.len() > 2 {
        return wrong(say!(
            en: "0% to 100%, with at most two digits behind the point",
            ja: "`0%` から `100%` まで、小数点以下は 2 桁までです",
        ));
    }
    let points = format!("{whole}{fraction:0<2}").parse::<u32>().unwrap_or(u32::MAX);
    if points > 10_000 {
        wrong(say!(en: "0% to 100%", ja: "`0%` から `100%` までです"))
    } else {
        Ok(points.into())
    }
}

/// `500/s`.
fn rate(text: &str) -> Result<Json, Wrong> {
    let number = text.strip_suffix("/s").filter(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    match number.and_then(|it| it.parse::<f64>().ok()).filter(|it| *it > 0.0 && *it <= 1e6) {
        Some(it) => Ok(it.into()),
        None => Err((
            "TW0017",
            say!(en: "`{text}` is not a rate", ja: "`{text}` は頻度ではありません"),
            Some(say!(
                en: "requests per second, such as 500/s",
                ja: "`500/s` のように 1 秒あたりの要求数を書いてください",
            )),
        )),
    }
}

/// Whoever knows the address of such a service can write there: it is a secret.
const SECRET_ADDRESSES: [&str; 4] =
    ["hooks.slack.com/", "discord.com/api/webhooks/", ".webhook.office.com/", ".logic.azure.com"];

/// Where notifications go, if its address is no secret.
fn hook(text: &str) -> Result<bool, Wrong> {
    if SECRET_ADDRESSES.iter().any(|it| text.contains(it)) {
        return Err(malformed(Make::Secret, text));
    }
    server_url(text)
}

fn server_url(text: &str) -> Result<bool, Wrong> {
    let plain = text.strip_prefix("http://");
    let host = plain
        .or_else(|| text.strip_prefix("https://"))
        .map(|it| it.split(['/', '?', '#']).next().unwrap_or(""));
    let Some(host) = host.filter(|it| !it.is_empty() && !it.contains(char::is_whitespace)) else {
        return Err((
            "TW0017",
            say!(en: "`{text}` is not the address of a server", ja: "`{text}` はサーバーのアドレスではありません"),
            Some(say!(
                en: "such as https://tokyo-1.contoso.example",
                ja: "たとえば `https://tokyo-1.contoso.example` です",
            )),
        ));
    };
    if host.contains('@') {
        return Err((
            "TW0705",
            say!(en: "this address holds a password", ja: "このアドレスにはパスワードが含まれています"),
            Some(say!(
                en: "write the token apart: \"${{NAME}}\"",
                ja: "トークンは別に `\"${{NAME}}\"` の形で書いてください",
            )),
        ));
    }
    let name = host
        .strip_prefix('[')
        .and_then(|it| it.split(']').next())
        .unwrap_or_else(|| host.split(':').next().unwrap_or(""));
    let here = name == "localhost" || name == "::1" || name.starts_with("127.");
    if plain.is_some() && !here && !name.starts_with("${") {
        return Err((
            "TW0805",
            say!(en: "`{text}` is not encrypted", ja: "`{text}` は暗号化されない接続です"),
            Some(say!(
                en: "http is for this machine only; write https",
                ja: "`http` が使えるのはこのコンピューターだけです。`https` と書いてください",
            )),
        ));
    }
    Ok(true)
}

fn public_key(text: &str) -> Result<bool, Wrong> {
    if text.contains("PRIVATE KEY") {
        return Err((
            "TW0705",
            say!(en: "a private key stands here", ja: "秘密鍵が書かれています"),
            Some(say!(
                en: "write the public key, from the file that ends in .pub; and make a new pair",
                ja: "`.pub` で終わるファイルにある公開鍵を書き、鍵は作り直してください",
            )),
        ));
    }
    let mut words = text.split_whitespace();
    let kind = words.next().is_some_and(|it| {
        it.starts_with("ssh-") || it.starts_with("ecdsa-sha2-") || it.starts_with("sk-")
    });
    let body = words.next().is_some_and(|it| it.starts_with("AAAA") && it.len() > 32);
    if kind && body {
        return Ok(true);
    }
    Err((
        "TW0017",
        say!(en: "this is not a public key", ja: "これは公開鍵ではありません"),
        Some(say!(
            en: "the line of the .pub file: ssh-ed25519 AAAA… name@host",
            ja: "`.pub` ファイルの行を書いてください: `ssh-ed25519 AAAA… name@host`",
        )),
    ))
}

fn is_path(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('/')
        && !text.contains(['\\', '\0'])
        && !text.contains(':')
        && text.split('/').all(|it| !it.is_empty() && it != ".." && it != ".")
}

/// The codes of ISO 4217 that are in use.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG \
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK \
MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD \
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND \
VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(make: Make, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(read(make, text).is_ok(), "{make:?} {text}");
        }
        for text in bad {
            let (code, message, _) = read(make, text).unwrap_err();
            assert!(code.starts_with("TW") && !message.is_empty(), "{make:?} {text}");
        }
    }

    #[test]
    fn makes() {
        check(Make::Duration, &["36h", "500ms", "2w"], &["48", "1d12h", "", "-1h", "1.5h"]);
        check(
            Make::Moment,
            &["2027-01-31", "2026-12-24T09:00", "2026-12-24T09:00:00+09:00"],
            &["2027-02-29", "soon"],
        );
        check(
            Make::Clock,
            &["21:00", "00:00", "23:59"],
            &["24:00", "9:00", "2100", "21:60", "ab:cd"],
        );
        check(Make::Zone, &["Asia/Tokyo", "UTC", "Europe/Berlin"], &["Tokyo", "JST", "+09:00", ""]);
        check(Make::Currency, &["JPY", "EUR"], &["YEN", "jpy", "", "AED AFN"]);
        check(
            Make::Measure,
            &["count", "people", "sum(amount)", "rate(web-store/visit)"],
            &["sum()", "rate(visit)", "avg(x)"],
        );
        check(Make::Rate, &["500/s", "0.5/s"], &["500", "500/m", "0/s", "inf/s", "1e9/s"]);
        check(
            Make::Secret,
            &["${TOKEN}", "${_A1}"],
            &["hunter2", "${}", "${a b}", "x${A}", "${1A}"],
        );
        check(
            Make::ServerUrl,
            &["https://a.example", "http://127.0.0.1:7201", "http://[::1]:1", "http://localhost"],
            &[
                "http://a.example",
                "a.example",
                "https://",
                "ftp://a",
                "https://u:p@a.example",
                "http://127.evil.example@x",
            ],
        );
        check(
            Make::Hook,
            &["${HOOK}", "https://hooks.contoso.example/t", "http://127.0.0.1:9/"],
            &[
                "hooks.contoso.example",
                "http://a.example",
                "https://hooks.slack.com/services/T/B/x",
            ],
        );
        check(Make::Link, &["https://x.example", "/shop", "tel:+81"], &["shop", "x:"]);
        check(
            Make::PublicKey,
            &["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0y7u+wLtn1b2XoPz2r a@b"],
            &["ssh-ed25519", "AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----"],
        );
        check(
            Make::Path,
            &["environments/staging/profiles.csv", "${DATA}/p.csv"],
            &["/etc/passwd", "../x", "a//b", "c:\\x", ""],
        );
        check(Make::Locale, &["en", "ja-JP"], &["EN", "japanese"]);
    }

    #[test]
    fn a_share_is_counted_in_basis_points() {
        for (text, points) in
            [("5%", 500), ("0.5%", 50), ("100%", 10_000), ("0%", 0), ("12.34%", 1234), ("0.05%", 5)]
        {
            assert_eq!(read(Make::Percent, text).unwrap(), points, "{text}");
        }
        for text in ["5", "101%", "-1%", "5.555%", "%", "5 %", ".5%"] {
            assert!(read(Make::Percent, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_never_repeated() {
        for (make, text) in [
            (Make::Secret, "hunter2"),
            (Make::ServerUrl, "https://u:hunter2@x"),
            (Make::Hook, "https://hooks.slack.com/services/hunter2"),
            (Make::PublicKey, "PRIVATE KEY hunter2"),
        ] {
            let (code, message, help) = read(make, text).unwrap_err();
            assert!(code == "TW0705" && !format!("{message:?}{help:?}").contains("hunter2"));
        }
    }
}
