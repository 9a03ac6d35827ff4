//! What a request may be at most. The server holds them; clients may read them here.

/// Bytes of an ordinary request body.
pub const BODY_MAX_BYTES: usize = 256 * 1024;
/// Bytes of a batch.
pub const BATCH_MAX_BYTES: usize = 1024 * 1024;
/// Bytes of a bundle with its receipts: the protocol's 2 MiB and as much for receipts and base64.
pub const BUNDLE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a release.
pub const RELEASE_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Commands of one batch.
pub const COMMANDS_MAX: usize = 100;
/// Interaction points of one decision.
pub const POINTS_MAX: usize = 32;
/// Bytes of a key that names a person (`customer_id`), of a `message_id`, of an id in a path.
pub const KEY_MAX_BYTES: usize = 256;
/// Bytes of a name in a request: a channel, an event, an attribute.
pub const NAME_MAX_BYTES: usize = 128;
/// Bytes of one value of an attribute or property, as JSON.
pub const VALUE_MAX_BYTES: usize = 16 * 1024;
/// Attributes, properties or purposes in one request.
pub const FIELDS_MAX: usize = 256;
/// Characters of the challenge of a state receipt.
pub const CHALLENGE_MAX_CHARS: usize = 128;
/// Things that happened before, in the body that makes a sandbox.
pub const HISTORY_MAX: usize = 1_000;
/// Offences that one problem lists; more are counted in its `detail`.
pub const OFFENCES_MAX: usize = 100;
