//! The signature of a webhook, version 1 of Standard Webhooks: HMAC-SHA256 over id, time and body, with dots between.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// What a secret begins with; what follows is base64.
const PREFIX: &str = "whsec_";
/// Fewest and most bytes of a key.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A key that webhooks are signed with.
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// Reads `whsec_…`; none if it is not of that form, or not of 24 to 64 bytes.
    pub(crate) fn parse(secret: &str) -> Option<Self> {
        let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
        KEY_BYTES.contains(&key.len()).then_some(Self(key))
    }

    /// `v1,` and the signature in base64; `at_s` is the time of the attempt in Unix seconds.
    pub(crate) fn sign(&self, id: &str, at_s: i64, body: &str) -> String {
        // A key of any length is right for HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{at_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published with Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_published_vector() {
        let key = Key::parse(SECRET).unwrap();
        let signed =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let other =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test":2432232314}"#);
        assert_ne!(other, signed, "every byte counts");
    }

    #[test]
    fn what_is_no_key_is_none() {
        for secret in
            ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%", "whsec_c2hvcnQ="]
        {
            assert!(Key::parse(secret).is_none(), "{secret}");
        }
    }
}
