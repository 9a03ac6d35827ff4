//! The repository's own workspace: all of its conditions are understood, and its segments are what they look like.
#![expect(clippy::disallowed_methods, reason = "the sample lies in files")]

use std::{fs, path::Path};

use taiwa_condition::{Expect, Setting, check};
use taiwa_config::{Content, InputFile};
use taiwa_model::{Components, Scope, Score};

use super::{compiled, engine};
use crate::{Budget, Builder, Handle};

fn sample() -> Components {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    let mut ways = vec![root.join("taiwa.yaml"), root.join("channels")];
    while let Some(way) = ways.pop() {
        if let Ok(folder) = fs::read_dir(&way) {
            ways.extend(folder.map(|it| it.unwrap().path()));
        } else {
            let path = way.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(InputFile { path, content: Content::Bytes(fs::read(&way).unwrap()) });
        }
    }
    taiwa_config::load(files).0.components
}

#[test]
fn nothing_in_the_sample_is_opaque() {
    let components = sample();
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(&components);
    let mut handles: Vec<(String, Handle)> = Vec::new();
    let mut scores = Vec::new();
    for name in components.segment_names().keys() {
        handles.push((format!("segment/{name}"), builder.segment(version, name)));
    }
    let mut add = |builder: &mut Builder, name: String, text: &str, scope: &Scope| {
        handles.push((name, builder.condition(version, text, scope).unwrap()));
    };
    for (name, it) in &components.offers {
        if let Some(text) = &it.content.eligible {
            add(&mut builder, format!("offer/{name}"), text, &it.scope);
        }
    }
    for (name, it) in &components.policies {
        if let Some(text) = &it.content.never {
            add(&mut builder, format!("policy/{name}"), text, &it.scope);
        }
    }
    for (channel, strategy) in &components.strategies {
        for rule in &strategy.rules {
            let Score::Cel(text) = &rule.score else { continue };
            let expr = {
                let names = builder.names(version);
                let setting = Setting { names, scope: Some(channel), session: true, event: None };
                check(text, Expect::Score, &setting).expr.unwrap()
            };
            scores.push(builder.score(version, &expr));
        }
    }
    let mut m = builder.finish();
    let compiled = compiled(&components);
    assert!(handles.len() > 25 && scores.len() > 2, "{} {}", handles.len(), scores.len());
    for (name, handle) in handles {
        let (yes, no) = (m.truth(handle).unwrap(), m.falsity(handle).unwrap());
        assert_eq!(m.opaque(handle).unwrap(), Vec::<String>::new(), "{name}");
        assert!(!yes.possible && !no.possible, "{name}");
        let person = m.smallest(yes).unwrap().unwrap();
        if let Some(segment) = name.strip_prefix("segment/") {
            let segments = engine(&compiled, &person);
            assert!(
                segments.iter().any(|it| it.as_str() == segment),
                "{name}: {:?}",
                person.said()
            );
        }
    }
    for score in scores {
        let cells = m.score_cells(score).unwrap();
        assert!(cells.len() == 2 && cells.iter().all(|it| !it.people.possible), "{cells:?}");
    }
}
