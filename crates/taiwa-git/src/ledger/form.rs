//! Where things lie in the ledger's tree, and the two fields of a record that are the ledger's own.

use serde_json::Value as Json;
use taiwa_model::{Digest, canonical};

use super::{Head, MAX_OBJECT_BYTES, MAX_OBJECTS, MAX_RECORD_BYTES, NewRecord};

/// Why a record cannot be filed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Not canonical JSON of an object.
    #[error("the record is not canonical JSON of an object")]
    NotCanonical,
    /// Its `seq` or `prev` are not those of the head.
    #[error("the record does not say the seq and prev of the head of the ledger")]
    Head,
    /// Too long.
    #[error("the record, or an object of it, is longer than the ledger takes")]
    TooLarge,
    /// Too many objects.
    #[error("the record names more objects than the ledger takes")]
    TooManyObjects,
}

/// The path of a record.
pub(super) fn record_path(seq: u64) -> String {
    format!("records/{seq:08}.json")
}

/// The number of the record that is filed under this name, if it is one that `record_path` gives.
pub(super) fn record_seq(name: &str) -> Option<u64> {
    let seq = name.strip_suffix(".json")?.parse().ok()?;
    (record_path(seq).strip_prefix("records/") == Some(name)).then_some(seq)
}

/// The path of an object.
pub(super) fn object_path(digest: &Digest) -> String {
    let hex = digest.hex();
    format!("objects/{}/{hex}.json", hex.get(..2).unwrap_or_default())
}

/// Looks at a record before it is filed.
pub(super) fn check(new: &NewRecord, head: Head) -> Result<(), FormError> {
    let too_large = |it: &(Digest, Vec<u8>)| it.1.len() > MAX_OBJECT_BYTES;
    if new.record.len() > MAX_RECORD_BYTES || new.objects.iter().any(too_large) {
        return Err(FormError::TooLarge);
    }
    if new.objects.len() > MAX_OBJECTS {
        return Err(FormError::TooManyObjects);
    }
    let json: Json = canonical::from_bytes(&new.record).map_err(|_| FormError::NotCanonical)?;
    if !json.is_object() {
        return Err(FormError::NotCanonical);
    }
    if json.get("seq") == Some(&head.seq.into()) && json.get("prev") == Some(&prev(head)) {
        Ok(())
    } else {
        Err(FormError::Head)
    }
}

/// The same record after another head.
pub(super) fn renumber(record: &[u8], head: Head) -> Result<Vec<u8>, FormError> {
    let mut json: Json = canonical::from_bytes(record).map_err(|_| FormError::NotCanonical)?;
    let fields = json.as_object_mut().ok_or(FormError::NotCanonical)?;
    fields.insert("seq".to_owned(), head.seq.into());
    fields.insert("prev".to_owned(), prev(head));
    canonical::to_bytes(&json).map_err(|_| FormError::NotCanonical)
}

fn prev(head: Head) -> Json {
    head.prev.map_or(Json::Null, |it| it.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_numbers() {
        assert_eq!(record_path(12), "records/00000012.json");
        assert_eq!(record_path(123_456_789), "records/123456789.json");
        for (name, expect) in [
            ("00000012.json", Some(12)),
            ("123456789.json", Some(123_456_789)),
            ("12.json", None),
            ("0000000012.json", None),
            ("+0000012.json", None),
            ("00000012", None),
        ] {
            assert_eq!(record_seq(name), expect, "{name}");
        }
        let digest = Digest::of(b"");
        assert!(
            object_path(&digest).starts_with("objects/e3/e3b0c442"),
            "{}",
            object_path(&digest)
        );
    }

    #[test]
    fn only_seq_and_prev_are_the_ledgers() {
        let head = Head { seq: 7, prev: Some(Digest::of(b"x")) };
        let moved = renumber(br#"{"kind":"intent","prev":null,"seq":1}"#, head).unwrap();
        let text = format!(r#"{{"kind":"intent","prev":"{}","seq":7}}"#, Digest::of(b"x"));
        assert_eq!(String::from_utf8(moved.clone()).unwrap(), text);
        let mut new = NewRecord { record: moved, objects: Vec::new(), summary: String::new() };
        assert_eq!(check(&new, head), Ok(()));
        assert_eq!(check(&new, Head { seq: 8, ..head }), Err(FormError::Head));
        new.record.push(b' ');
        assert_eq!(check(&new, head), Err(FormError::NotCanonical));
        new.record = vec![b' '; MAX_RECORD_BYTES + 1];
        assert_eq!(check(&new, head), Err(FormError::TooLarge));
        new.record = b"1".to_vec();
        assert_eq!(check(&new, head), Err(FormError::NotCanonical));
        new.objects = vec![(Digest::of(b""), Vec::new()); MAX_OBJECTS + 1];
        assert_eq!(check(&new, head), Err(FormError::TooManyObjects));
        new.objects = vec![(Digest::of(b""), vec![0; MAX_OBJECT_BYTES + 1])];
        assert_eq!(check(&new, head), Err(FormError::TooLarge));
    }
}
