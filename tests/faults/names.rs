//! Names that nobody declares, or that are declared in vain.

use crate::{
    Kind,
    seed::{Seeder, Spot},
};

pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = unknown();
    kinds.extend(unused());
    kinds.extend(charts());
    kinds.extend(scenarios());
    kinds
}

/// A slip in a value behind one of these keys.
fn slip_in(it: &mut Seeder<'_>, choices: &[(&str, &str)]) -> crate::seed::Fault {
    let (part, key) = it.pick(choices);
    let spots: Vec<Spot> = it
        .values(part, key)
        .into_iter()
        .filter(|it| it.text.len() > 3 && !it.text.starts_with(['\'', '"']))
        .filter(|it| !["everyone", "none"].contains(&it.text.as_str()))
        .collect();
    let spot = it.pick(&spots);
    let slip = it.slip(&spot.text);
    it.edit(&spot, &slip)
}

fn slip_in_list(it: &mut Seeder<'_>, part: &str, key: &str) -> crate::seed::Fault {
    let items = it.items(part, key);
    let items: Vec<Spot> = items.into_iter().filter(|it| it.text.len() > 3).collect();
    let spot = it.pick(&items);
    let slip = it.slip(&spot.text);
    it.edit(&spot, &slip)
}

fn unknown() -> Vec<Kind> {
    vec![
        Kind::new("unknown-offer", "TW0101", |it| {
            slip_in(
                it,
                &[("strategy.yaml", "offer"), ("messages", "offer"), ("channel.yaml", "fallback")],
            )
        })
        // What it was is proposed nowhere now.
        .also(&["TW0105", "TW0109"]),
        Kind::new("unknown-offer-expected", "TW0101", |it| slip_in_list(it, "scenarios", "expect")),
        Kind::new("unknown-offer-in-the-past", "TW0101", |it| {
            slip_in(
                it,
                &[("scenarios", "shown"), ("scenarios", "accepted"), ("scenarios", "rejected")],
            )
        }),
        Kind::new("unknown-segment", "TW0102", |it| slip_in(it, &[("strategy.yaml", "segment")]))
            .also(&["TW0105"]),
        Kind::new("unknown-segment-expected", "TW0102", |it| {
            slip_in(it, &[("scenarios", "segment"), ("scenarios", "not_segment")])
        }),
        Kind::new("unknown-zone", "TW0102", |it| {
            slip_in(it, &[("strategy.yaml", "zone"), ("channel.yaml", "zone")])
        })
        .also(&["TW0521", "TW0509"]),
        Kind::new("unknown-point", "TW0102", |it| slip_in(it, &[("scenarios", "point")])),
        Kind::new("unknown-category", "TW0102", |it| slip_in(it, &[("channel.yaml", "category")])),
        Kind::new("unknown-goal", "TW0102", |it| slip_in(it, &[("channel.yaml", "goal")]))
            .also(&["TW0105"]),
        Kind::new("unknown-event-counted", "TW0102", |it| {
            let spot = it.value("goals", "event");
            let name = spot.text.split('/').nth(1).unwrap().to_owned();
            let slip = it.slip(&name);
            it.edit(&spot, &spot.text.replace(&name, &slip))
        })
        .also(&["TW0608"]),
        Kind::new("unknown-event-posted", "TW0102", |it| {
            let posts = it.all("scenarios", "post: { event: ");
            let spot = it.pick(&posts);
            let line = &it.text(&spot.path)[spot.end..];
            let name = line[..line.find(',').unwrap()].to_owned();
            let slip = it.slip(&name);
            it.edit(&Spot { start: spot.end, end: spot.end + name.len(), ..spot }, &slip)
        }),
        Kind::new("unknown-channel", "TW0102", |it| slip_in(it, &[("scenarios", "channel")]))
            .also(&["TW0120"]),
        Kind::new("unknown-channel-in-policy", "TW0102", |it| {
            let spot = it.one("policies", "[email, sms, push, voice]");
            let channel = it.pick(&["email", "push", "voice"]);
            let slip = it.slip(channel);
            let at = spot.text.find(channel).unwrap();
            it.edit(&spot, &spot.text.replace(channel, &slip)).shift(at)
        }),
        Kind::new("unknown-purpose", "TW0102", |it| {
            slip_in(
                it,
                &[("channel.yaml", "consent"), ("/offers/", "consent"), ("messages", "consent")],
            )
        })
        .also(&["TW0710"]),
        Kind::new("treatment-for-unknown-channel", "TW0102", |it| {
            let channel = it.pick(&["mobile-app:", "web-store:"]);
            let spot = it.one("/offers/", &format!("\n  {channel}\n"));
            let slip = it.slip(channel.trim_end_matches(':'));
            it.edit(&spot.part(3, 2 + channel.len()), &slip)
        })
        .also(&["TW0518", "TW0508"]),
        Kind::new("attribute-of-a-person", "TW0102", |it| {
            let names = ["tier", "interests", "lifetime_value", "language"];
            let name = it.pick(&names);
            let spot = it.one("scenarios", &format!(", {name}: "));
            let slip = it.slip(name);
            it.edit(&spot.sub(name), &slip)
        }),
        Kind::new("touchpoint-asks-undeclared-point", "TW0201", |it| {
            slip_in_list(it, "touchpoints", "interaction_points")
        })
        .also(&["TW0202"]),
        Kind::new("touchpoint-posts-undeclared-event", "TW0201", |it| {
            slip_in_list(it, "touchpoints", "events")
        })
        .also(&["TW0203", "TW0204"]),
    ]
}

fn unused() -> Vec<Kind> {
    vec![
        Kind::new("offer-nobody-proposes", "TW0105", |it| {
            let paths = it.paths("/offers/");
            let path = it.pick(&paths);
            let name = it.pick(&["spare", "leftover", "draft"]);
            let stem = path.rsplit('/').next().unwrap().to_owned();
            it.file(&path.replace(&stem, &format!("{name}.yaml")), it.files[&path].clone())
        }),
        Kind::new("segment-nobody-uses", "TW0105", |it| {
            let name = it.pick(&["spare", "leftover", "draft"]);
            let text = format!("title: {name}\nwhen: profile.points > 77\n");
            it.file(&format!("channels/shared/segments/{name}.yaml"), text)
        }),
        Kind::new("names-alike", "TW0109", |it| {
            let rules = it.values("strategy.yaml", "segment");
            let plural: Vec<Spot> = rules
                .into_iter()
                .filter(|spot| {
                    it.files.contains_key(&format!("channels/shared/segments/{}.yaml", spot.text))
                })
                .filter(|it| it.text.ends_with('s'))
                .collect();
            let spot = it.pick(&plural);
            let twin = spot.text.trim_end_matches('s').to_owned();
            let mut fault = it.edit(&spot, &twin);
            let text = format!("title: {twin}\nwhen: profile.points > 77\n");
            fault.files.insert(format!("channels/shared/segments/{twin}.yaml"), text.into());
            let longer = format!("channels/shared/segments/{}.yaml", spot.text);
            fault.top(&longer)
        })
        .also(&["TW0105"]),
        Kind::new("out-of-reach", "TW0111", |it| {
            let offers = ["gift-wrap", "free-shipping", "student-discount", "coffee-liqueur"];
            let offer = it.pick(&offers);
            let spots: Vec<Spot> = it.values("mobile-app/strategy.yaml", "offer");
            let spot = it.pick(&spots);
            it.edit(&spot, offer)
        })
        .also(&["TW0518", "TW0105", "TW0530"]),
        Kind::new("bare-event-in-shared", "TW0112", |it| {
            let spot = it.one("shared/", "\"web-store/");
            it.edit(&spot, "\"")
        }),
        Kind::new("point-nobody-asks", "TW0202", |it| {
            let points =
                ["home-banner", "product-aside", "thank-you", "checkout-upsell", "home-tiles"];
            let point = it.pick(&points);
            let spot = it.one("storefront.yaml", &format!("{point}, "));
            let from = it.one("storefront.yaml", "product-aside, ");
            let spot = if point == "product-aside" { from } else { spot };
            it.edit(&spot, "").found("channels/web-store/channel.yaml", &format!("{point}: {{"))
        }),
        Kind::new("event-nobody-posts", "TW0203", |it| {
            let choices = [
                (
                    "mobile-app/touchpoints/phone-app.yaml",
                    "card_shown, ",
                    "channels/mobile-app/channel.yaml",
                    "card_shown, accepted",
                ),
                (
                    "mobile-app/touchpoints/phone-app.yaml",
                    "card_tapped, ",
                    "channels/mobile-app/channel.yaml",
                    "card_tapped, coupon",
                ),
                (
                    "web-store/touchpoints/storefront.yaml",
                    "add_to_cart, ",
                    "channels/web-store/segments/cart-abandoners.yaml",
                    "add_to_cart",
                ),
                (
                    "web-store/touchpoints/storefront.yaml",
                    "product_view, ",
                    "channels/web-store/strategy.yaml",
                    "product_view",
                ),
            ];
            let (part, event, path, place) = it.pick(&choices);
            let spot = it.one(part, event);
            let quoted = !path.ends_with("channel.yaml");
            let mut fault = it.edit(&spot, "").found(path, place);
            fault.offset -= usize::from(quoted);
            fault
        })
        .also(&["TW0204"]),
    ]
}

fn charts() -> Vec<Kind> {
    const CHART: &str = "shared/flowcharts/";
    vec![
        Kind::new("flowchart-in-a-circle", "TW0106", |it| {
            let spot = it.one(CHART, "go: regular");
            let back = it.pick(&["value", "known"]);
            let node = format!("{back}:\n");
            it.edit(&spot.sub("regular"), back).found(&spot.path, &node)
        })
        .also(&["TW0113", "TW0102", "TW0105"]),
        Kind::new("unreachable-node", "TW0113", |it| {
            let choices = [
                ("go: best", "regular", "best: {"),
                ("otherwise: beginner", "regular", "beginner: {"),
                ("otherwise: newcomer", "value", "newcomer: {"),
            ];
            let (way, to, lost) = it.pick(&choices);
            let spot = it.one(CHART, way);
            let name = way.split(' ').nth(1).unwrap();
            it.edit(&spot.sub(name), to).found("channels/shared/flowcharts/shopper.yaml", lost)
        }),
        Kind::new("no-otherwise", "TW0114", |it| {
            let choice = it.pick(&["newcomer", "beginner"]);
            let spot = it.one(CHART, &format!("{{ otherwise: {choice} }}"));
            let condition = it.pick(&["profile.subscribed", "profile.employee"]);
            it.edit(&spot, &format!("{{ when: {condition}, go: {choice} }}")).line()
        }),
        Kind::new("unknown-node", "TW0115", |it| {
            let choices =
                ["go: value", "go: best", "go: regular", "otherwise: newcomer", "start: known"];
            let way = it.pick(&choices);
            let spot = it.one(CHART, way);
            let name = way.split(' ').nth(1).unwrap();
            let slip = it.slip(name);
            it.edit(&spot.sub(name), &slip)
        })
        .also(&["TW0113"]),
    ]
}

fn scenarios() -> Vec<Kind> {
    vec![
        Kind::new("scenario-before-start", "TW0120", |it| {
            let starts = it.all("scenarios", "  - start: { channel: web-store }\n");
            let spot = it.pick(&starts);
            let fault = it.edit(&spot, "");
            let step = spot.start + 4;
            fault.to(step).line()
        }),
        Kind::new("value-of-a-person", "TW0121", |it| {
            let choices = [
                ("tier", "platinum"),
                ("age", "old"),
                ("lifetime_value", "much"),
                ("points", "\"520\""),
            ];
            let (key, with) = it.pick(&choices);
            let spot = it.value("scenarios", key);
            it.edit(&spot, with)
        }),
        Kind::new("value-of-a-property", "TW0121", |it| {
            let choices = [("price", "cheap"), ("amount", "much")];
            let (key, with) = it.pick(&choices);
            let spot = it.value("scenarios", key);
            it.edit(&spot, with)
        }),
        Kind::new("required-property", "TW0121", |it| {
            let spot = it.one("scenarios", ", amount: ");
            let rest = &it.text(&spot.path)[spot.end..];
            let end = spot.end + rest.find(" }").unwrap();
            it.edit(&Spot { end, ..spot }, "").line()
        }),
        Kind::new("nothing-expected", "TW0122", |it| {
            let paths = it.paths("scenarios");
            let plain = |path: &String| {
                let text = it.text(path);
                ["- expect:", "contains:", "excludes:"].iter().all(|it| !text.contains(it))
            };
            let plain: Vec<String> = paths.into_iter().filter(plain).collect();
            let path = it.pick(&plain);
            let mut parts = it.text(&path).split(", expect: [");
            let first = parts.next().unwrap().to_owned();
            let text = parts.fold(first, |text, it| text + it.split_once(']').unwrap().1);
            it.file(&path, text).found(&path, "steps:")
        }),
    ]
}
