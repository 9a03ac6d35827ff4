//! Where the commands touch the world: files, git, servers, keys. Thin: it loads and stores, and decides nothing.

pub(crate) mod baseline;
pub(crate) mod files;
mod kept;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod limits;
pub(crate) mod marked;
pub(crate) mod remembered;
pub(crate) mod rewrite;
pub(crate) mod secret;
pub(crate) mod servers;
pub(crate) mod signals;
pub(crate) mod watch;
pub(crate) mod workspace;
