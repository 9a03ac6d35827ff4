//! Limits that are proven when a release is compiled, and those of answers.

use super::*;

#[track_caller]
fn refused(shop: &Shop, expect: &str) {
    let error = Compiled::new(Digest::of(b"release"), &shop.0).unwrap_err();
    assert_eq!(error.problems, [expect]);
}

#[test]
fn conditions_read_so_many_attributes_and_no_more() {
    let mut shop = Shop::new();
    for it in 0..crate::MAX_READ {
        let attribute = super::read(json!({"type": "int"}));
        let attributes = &mut shop.0.audience.as_mut().unwrap().attributes;
        attributes.insert(format!("a{it}").into(), attribute);
        shop = shop.segment(&format!("s{it}"), &format!("profile.a{it} > 1"));
    }
    shop.compile();
    let more = shop.segment("more", "profile.age > 1");
    refused(&more, "conditions read more than 4096 attributes or events");
}

#[test]
fn conditions_sum_so_many_properties_and_no_more() {
    let summing = |properties: usize| {
        let mut shop = Shop::new();
        let event = shop.0.channels.get_mut("web").unwrap().events.get_mut("paid").unwrap();
        for it in 0..properties {
            let property = super::read(json!({"type": "number", "optional": true}));
            event.properties.insert(format!("p{it}").into(), property);
        }
        (0..properties).fold(shop, |shop, it| {
            let when = format!("sum(\"web/paid\", \"p{it}\", \"1d\") > 1.0");
            shop.segment(&format!("s{it}"), &when)
        })
    };
    summing(crate::MAX_SUMS).compile();
    refused(&summing(crate::MAX_SUMS + 1), "conditions sum more than 8 properties of `web/paid`");
}

#[test]
fn reasons_are_bounded_in_number_and_length() {
    let many = (0..crate::MAX_REASONS + 5).fold(Shop::new(), |shop, it| {
        let name = format!("o{it:04}");
        shop.offer(&name, json!({})).rule("everyone", &name, 10)
    });
    let decision = ask(&many.compile(), &Person::default(), "tiles", noon());
    assert_eq!(names(&decision), ["o0000", "o0001", "o0002"]);
    assert_eq!(decision.reasons.len(), crate::MAX_REASONS);
    let long = format!("profile.tier == \"gold\" /* {} */", "x".repeat(1_000));
    let long = long.replace("/*", "//").replace(" */", "");
    let shop = Shop::new().offer("x", json!({ "eligible": long })).rule("everyone", "x", 1);
    let decision = ask(&shop.compile(), &Person::default(), "tiles", noon());
    assert_eq!(reason(&decision, "x").detail.chars().count(), crate::MAX_DETAIL_CHARS + 1);
}

#[test]
fn a_session_remembers_so_many_and_no_more() {
    let compiled = Shop::new().offer("x", json!({})).rule("everyone", "x", 1).compile();
    let (mut person, mut session) = (Person::default(), session("visitor"));
    let mut decision = ask(&compiled, &person, "banner", noon());
    let one = decision.offers[0].clone();
    decision.offers = vec![one; crate::MAX_LAST_SHOWN + 1];
    crate::delivered(&compiled, &mut person, &mut session, &decision, noon());
    assert_eq!(session.last_shown.len(), crate::MAX_LAST_SHOWN);
}
