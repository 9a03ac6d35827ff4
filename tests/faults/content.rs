//! Offers, messages, channels, goals and policies: what customers would see, and what would be counted.

use crate::{
    Kind,
    seed::{Seeder, Spot},
};

pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = offers();
    kinds.extend(channels());
    kinds.extend(messages());
    kinds.extend(goals());
    kinds
}

/// The spot with the `, ` before it, to take a field out of braces.
fn field(it: &Seeder<'_>, spot: Spot, key: &str) -> Spot {
    let from = it.text(&spot.path)[..spot.start].rfind(&format!(", {key}:")).unwrap();
    Spot { start: from, ..spot }
}

fn offers() -> Vec<Kind> {
    vec![
        Kind::new("ends-before-it-begins", "TW0501", |it| {
            let spots = [it.values("shared/offers", "from"), it.values("goals", "from")].concat();
            let spot = it.pick(&spots);
            let from = it.pick(&["2040-01-01", "2041-06-30", "2050-01-01"]);
            let fault = it.edit(&spot, from);
            let path = fault.path.clone();
            fault.found(&path, "2039-12-31")
        }),
        Kind::new("expired", "TW0502", |it| {
            let offers = ["bring-a-friend", "double-points", "gold-tasting", "come-back-latte"];
            let offer = it.pick(&offers);
            let spot = it.one(&format!("offers/{offer}.yaml"), "tags: ");
            let end = it.pick(&["2026-11-19", "2025-01-31", "2026-01-01"]);
            let start = "valid: { until: ";
            it.edit(&spot.part(0, 0), &format!("{start}{end} }}\n")).shift(start.len())
        }),
        Kind::new("locale-missing", "TW0514", |it| {
            let paths: Vec<String> = it.paths("channels/web-store/offers/");
            let path = it.pick(&paths);
            let spot = it.one(&path, "    ja:\n");
            let end = it.text(&path).len();
            it.edit(&Spot { end, ..spot }, "").found(&path, "web-store:")
        }),
        Kind::new("unknown-placeholder", "TW0515", |it| {
            let name = it.pick(&["given_name", "points", "favourite_store"]);
            let spot = it.one("/offers/", &format!("{{{{ profile.{name}"));
            let slip = it.slip(name);
            it.edit(&spot.sub(name), &slip).to(spot.start + 3)
        }),
        Kind::new("placeholder-of-nothing", "TW0515", |it| {
            let spot = it.one("/offers/", "{{ profile.");
            let other = it.pick(&["{{ profil.", "{{ customer.", "{{ "]);
            it.edit(&spot, other).shift(3).line()
        }),
        Kind::new("placeholder-may-be-missing", "TW0515", |it| {
            let spots = it.all("/offers/", " ?? ");
            let spot = it.pick(&spots);
            let end = it.text(&spot.path)[spot.end..].find(" }}").unwrap() + spot.end;
            it.edit(&Spot { end, ..spot }, "").line()
        }),
        Kind::new("placeholder-not-closed", "TW0515", |it| {
            let spot = it.one("/offers/", " }}");
            it.edit(&spot, " ").line()
        }),
        Kind::new("headline-too-long", "TW0516", |it| {
            let offers =
                ["brand-story", "bring-a-friend", "gold-tasting", "come-back-latte", "grinder"];
            let offer = it.pick(&offers);
            let spot = it.value(&format!("offers/{offer}.yaml"), "headline");
            let word = it.pick(&["coffee ", "豆の香り", "espresso & more "]);
            it.edit(&spot, word.repeat(12).trim())
        }),
        Kind::new("no-address", "TW0516", |it| {
            let offers =
                ["bring-a-friend", "grinder", "student-discount", "filter-papers", "double-points"];
            let offer = it.pick(&offers);
            let spot = it.value(&format!("offers/{offer}.yaml"), "link");
            let wrong = it.pick(&["coupons", "www.contoso.example", "http://contoso.example/a"]);
            it.edit(&spot, wrong)
        })
        .also(&["TW0809"]),
        Kind::new("field-missing", "TW0522", |it| {
            let spots = it.all("/offers/", "      link: /");
            let spot = it.pick(&spots);
            let end = it.text(&spot.path)[spot.end..].find('\n').unwrap() + spot.end + 1;
            it.edit(&Spot { end, ..spot.clone() }, "").line().to(it.text(&spot.path)[..spot.start]
                .rfind("\n    ")
                .map(|_| {
                    let before = &it.text(&spot.path)[..spot.start];
                    before.rfind("\n    en:").max(before.rfind("\n    ja:")).unwrap() + 5
                })
                .unwrap())
        })
        .also(&["TW0516"]),
        Kind::new("no-treatment", "TW0518", |it| {
            let rules: Vec<Spot> = it
                .values("mobile-app/strategy.yaml", "offer")
                .into_iter()
                .filter(|spot| {
                    it.files.contains_key(&format!("channels/shared/offers/{}.yaml", spot.text))
                })
                .collect();
            let rule = it.pick(&rules);
            let spot = it.one(&format!("offers/{}.yaml", rule.text), "  mobile-app:\n");
            let end = it.text(&spot.path).len();
            let first = it.values("mobile-app/strategy.yaml", "offer");
            let first = first.iter().find(|it| it.text == rule.text).unwrap().clone();
            let mut fault = it.edit(&Spot { end, ..spot }, "");
            fault.path.clone_from(&first.path);
            fault.to(first.start)
        }),
        Kind::new("locale-not-served", "TW0528", |it| {
            let spot = it.one("web-store/offers/", "    ja:\n");
            let end = it.text(&spot.path).len();
            let ja = it.text(&spot.path)[spot.start..end].to_owned();
            let locale = it.pick(&["de", "fr", "ko"]);
            let more = ja.replacen("ja:", &format!("{locale}:"), 1);
            it.edit(&Spot { start: end, end, ..spot }, &more).shift(4)
        }),
        Kind::new("worthless", "TW0520", |it| {
            let offers = [
                "grinder",
                "filter-papers",
                "gift-wrap",
                "free-shipping",
                "coffee-liqueur",
                "store-treat",
            ];
            let offer = it.pick(&offers);
            let spot = it.one(&format!("offers/{offer}.yaml"), "value: ");
            let end = it.text(&spot.path)[spot.end..].find('\n').unwrap() + spot.end + 1;
            let rules = it.values("strategy.yaml", "offer");
            let rule = rules.iter().find(|it| it.text == offer).unwrap().clone();
            let mut fault = it.edit(&Spot { end, ..spot }, "");
            fault.path.clone_from(&rule.path);
            fault.to(rule.start)
        }),
        Kind::new("cap-too-long", "TW0532", |it| {
            let spots = [it.values("/offers/", "per"), it.values("policies", "per")].concat();
            let spot = it.pick(&spots);
            let long = it.pick(&["401d", "60w", "9999d"]);
            it.edit(&spot, long)
        })
        .also(&["TW0601"]),
        Kind::new("secret", "TW0705", |it| {
            let spots = it.values("/offers/", "body");
            let spot = it.pick(&spots);
            let secret = it.pick(&[
                format!("ghp_{}", "Abc123XYZ".repeat(4)),
                format!("AKIA{}", "ABCDEFGH23456789"),
                "https://anna:correcthorse@contoso.example/".to_owned(),
            ]);
            it.edit(&spot, &format!("'{secret}'")).line()
        }),
        Kind::new("local-address", "TW0809", |it| {
            let spots = it.values("/offers/", "image");
            let spot = it.pick(&spots);
            let address = it.pick(&["https://localhost/a.webp", "https://127.0.0.1:8080/a.webp"]);
            it.edit(&spot, address)
        }),
    ]
}

fn channels() -> Vec<Kind> {
    vec![
        Kind::new("medium-of-inbound", "TW0116", |it| {
            let channel = it.pick(&["web-store", "mobile-app"]);
            let spot = it.one(&format!("{channel}/channel.yaml"), "direction: inbound\n");
            let medium = it.pick(&["email", "sms", "push", "voice"]);
            it.edit(&spot, &format!("direction: inbound\nmedium: {medium}\n")).line().shift(19)
        }),
        Kind::new("outbound-without-medium", "TW0116", |it| {
            let channel = it.pick(&["email", "sms", "push", "voice"]);
            let spot = it
                .one(&format!("channels/{channel}/channel.yaml"), &format!("medium: {channel}\n"));
            let direction = it.one(&spot.path, "direction:");
            it.edit(&spot, "").to(direction.start)
        })
        .also(&["TW0525", "TW0531"]),
        Kind::new("no-fallback", "TW0505", |it| {
            let spot = it.value("channel.yaml", "fallback");
            let spot = field(it, spot, "fallback");
            it.edit(&spot, "").line()
        })
        .also(&["TW0105"]),
        Kind::new("fallback-may-fail", "TW0508", |it| {
            let offer = it.pick(&["brand-story", "loyalty-explained"]);
            let spot = it.one(&format!("offers/{offer}.yaml"), "tags: ");
            let rule = it.pick(&[
                "cap: { shown: 1, per: 1d }\n",
                "eligible: profile.subscribed\n",
                "valid: { until: 2039-12-31 }\n",
                "consent: personal-offers\n",
            ]);
            it.edit(&spot.part(0, 0), rule)
                .found("channels/web-store/channel.yaml", &format!("{offer} }}"))
        })
        .also(&["TW0508"]),
        Kind::new("more-places-than-offers", "TW0509", |it| {
            let spots = it.values("channel.yaml", "offers");
            let spot = it.pick(&spots);
            it.edit(&spot, "50")
        }),
        Kind::new("not-served-arbitration", "TW0519", |it| {
            let spot = it.one("strategy.yaml", "arbitration: {");
            let zones = it.text(&spot.path)[spot.end..].find(": ").unwrap() + spot.end + 2;
            let with = it.pick(&["learning", "weights"]);
            let spot = Spot { start: zones, end: zones + 5, ..spot };
            it.edit(&spot, with)
        }),
        Kind::new("idle-zone", "TW0521", |it| {
            let spot = it.one("channel.yaml", "zones:\n");
            let name = it.pick(&["footer", "sidebar", "wishlist"]);
            let line = format!("zones:\n  {name}: {{ title: {name} }}\n");
            it.edit(&spot, &line).shift(9)
        }),
        Kind::new("tie", "TW0510", |it| {
            let spot = it.one("web-store/strategy.yaml", "offer: bring-a-friend, score: 30 }\n");
            let twin = format!(
                "{}  - {{ zone: home-hero, segment: everyone, offer: get-the-app, score: 30 }}\n",
                spot.text
            );
            let mut fault = it.edit(&spot, &twin);
            let app = "channels/web-store/offers/get-the-app.yaml";
            let text = it
                .text(app)
                .replace("value: 180", "value: 300")
                .replace("body: With the app your cup is ready when you are.", "body: Ready.");
            fault.files.insert(app.to_owned(), text.into());
            fault.shift(spot.text.len()).line()
        }),
        Kind::new("rule-twice", "TW0530", |it| {
            let lines = it.lines("strategy.yaml");
            let rules: Vec<Spot> = lines
                .into_iter()
                .filter(|it| it.text.starts_with("- {") && !it.text.contains('?'))
                .collect();
            let spot = it.pick(&rules);
            let from = spot.text.rfind(": ").unwrap();
            let again = format!("{}\n  {}: 7 }}", spot.text, &spot.text[..from]);
            it.edit(&spot, &again).shift(spot.text.len() + 3).line()
        }),
        Kind::new("inbound-without-goal", "TW0605", |it| {
            let (channel, goal) =
                it.pick(&[("web-store", "espresso-subscriptions"), ("mobile-app", "store-orders")]);
            let spot = it.one(&format!("{channel}/channel.yaml"), &format!("goal: {goal}\n"));
            it.edit(&spot, "").line().to(0).found(&spot.path, "title:")
        })
        .also(&["TW0105"]),
        Kind::new("personal-data-in-event", "TW0704", |it| {
            let spot = it.one("channel.yaml", "properties: { ");
            let name = it.pick(&["email", "phone", "given_name"]);
            it.edit(&spot, &format!("{}{name}: string, ", spot.text)).shift(spot.text.len())
        })
        .also(&["TW0121"]),
    ]
}

fn messages() -> Vec<Kind> {
    vec![
        Kind::new("message-field-missing", "TW0525", |it| {
            let choices = [
                ("order-confirmation", "subject: Thank you for your order, "),
                ("espresso-launch", "title: Espresso by subscription, "),
            ];
            let (message, field) = it.pick(&choices);
            let spot = it.one(&format!("messages/{message}.yaml"), field);
            it.edit(&spot, "").line()
        })
        .also(&["TW0522"]),
        Kind::new("message-on-inbound", "TW0531", |it| {
            let message = it.pick(&["visit-survey", "order-confirmation", "reactivation-call"]);
            let spot = it.one(&format!("messages/{message}.yaml"), "treatments:\n");
            let channel = it.pick(&["web-store", "mobile-app"]);
            let more =
                format!("treatments:\n  {channel}: {{ en: {{ text: A }}, ja: {{ text: B }} }}\n");
            it.edit(&spot, &more).shift(14)
        }),
        Kind::new("link-of-message", "TW0515", |it| {
            let link = it.pick(&["order", "survey"]);
            let spot = it.one("messages", &format!("{{{{ link.{link}"));
            let slip = it.slip(link);
            it.edit(&spot.sub(link), &slip).to(spot.start + 3)
        }),
        Kind::new("message-without-consent", "TW0701", |it| {
            let channel = it.pick(&["email", "sms", "push", "voice"]);
            let spot = it.one(
                &format!("channels/{channel}/channel.yaml"),
                &format!("consent: marketing-{channel}\n"),
            );
            let home = [
                ("email", "espresso-launch"),
                ("sms", "visit-survey"),
                ("push", "espresso-launch"),
                ("voice", "reactivation-call"),
            ];
            let message = home.iter().find(|it| it.0 == channel).unwrap().1;
            let path = format!("channels/shared/messages/{message}.yaml");
            it.edit(&spot, "").found(&path, &format!("  {channel}:\n")).shift(2).line()
        }),
        Kind::new("purpose-of-another-channel", "TW0710", |it| {
            let (message, purpose) = it.pick(&[
                ("visit-survey", "marketing-email"),
                ("reactivation-call", "marketing-push"),
                ("visit-survey", "marketing-voice"),
            ]);
            let spot = it.one(&format!("messages/{message}.yaml"), "treatments:\n");
            it.edit(&spot.part(0, 0), &format!("consent: {purpose}\n")).shift(9)
        }),
        Kind::new("granted-without-basis", "TW0707", |it| {
            let purpose =
                it.pick(&["marketing-email", "marketing-sms", "marketing-push", "personal-offers"]);
            let spot = it.one("audience.yaml", &format!("{purpose}: {{ default: denied"));
            let at = spot.text.find("denied").unwrap();
            it.edit(&spot.part(at, spot.text.len()), "granted")
        }),
    ]
}

fn goals() -> Vec<Kind> {
    vec![
        Kind::new("target-below-baseline", "TW0607", |it| {
            let spots = it.values("goals", "target");
            let spot = it.pick(&spots);
            let with = it.pick(&["1", "100", "300"]);
            it.edit(&spot, with)
        }),
        Kind::new("measure", "TW0608", |it| {
            let measure = it.pick(&["sum(order_id)", "sum(price)", "sum(plan)"]);
            let spots: Vec<Spot> = it.values("goals", "measure");
            let spot = it.pick(&spots);
            it.edit(&spot, measure)
        }),
        Kind::new("malformed-measure", "TW0017", |it| {
            let measure = it.pick(&["average", "sum", "rate(purchase)", "sum(amount"]);
            let spots: Vec<Spot> = it.values("goals", "measure");
            let spot = it.pick(&spots);
            it.edit(&spot, measure)
        })
        .also(&["TW0105"]),
        Kind::new("goal-counts-showings", "TW0606", |it| {
            let (goal, event) = it.pick(&[
                ("store-orders", "mobile-app/card_shown"),
                ("espresso-subscriptions", "web-store/banner_shown"),
            ]);
            let spot = it.value(&format!("goals/{goal}.yaml"), "event");
            it.edit(&spot, event)
        }),
        Kind::new("limits-exchanged", "TW0601", |it| {
            let spot = it.one("policies", "sent: 2,");
            let most = it.pick(&["sent: 4,", "sent: 5,", "sent: 20,"]);
            it.edit(&spot, most).line()
        }),
        Kind::new("attribute-declaration", "TW0130", |it| {
            let choices = [
                ("default: none", "default: bronze"),
                ("default: unknown", "default: aeropress"),
                ("min: 0, max: 130", "min: 130, max: 0"),
                ("default: false", "default: 3"),
                (", values: [en, ja]", ""),
            ];
            let (old, new) = it.pick(&choices);
            let spot = it.one("audience.yaml", old);
            it.edit(&spot, new).line()
        })
        .also(&["TW0121", "TW0304"]),
        Kind::new("levels", "TW0131", |it| {
            let choices = [
                ("customer: { key: customer_id }", "customer: { key: visitor_id }"),
                ("visitor: { key: visitor_id }", "visitor: { key: email }"),
                ("visitor: { key: visitor_id }", "visitor: { key: visitor_id, of: guest }"),
            ];
            let (old, new) = it.pick(&choices);
            let spot = it.one("audience.yaml", old);
            it.edit(&spot, new).to(0).line().found(
                "channels/shared/audience.yaml",
                if new.contains("customer:") { "visitor:" } else { new },
            )
        })
        .also(&["TW0102"]),
        Kind::new("locale-listed-twice", "TW0132", |it| {
            let spot = it.one("taiwa.yaml", "[en, ja]");
            let locales = it.pick(&["[en, ja, en]", "[en, ja, ja]"]);
            it.edit(&spot, locales).shift(9)
        }),
    ]
}
