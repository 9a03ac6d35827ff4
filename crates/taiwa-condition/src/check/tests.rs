//! What the checker says: one row a mistake, with exactly the characters that are underlined.

use taiwa_model::{Components, EventRef};
use taiwa_text::Severity;

use super::{Checked, Expect, Setting, check as check_text};
use crate::Names;

pub(crate) fn components() -> Components {
    serde_json::from_value(serde_json::json!(null)).unwrap_or_default()
}
