//! What a server is told at its start.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use taiwa_model::ServerId;
use taiwa_plan::Envelope;

use crate::{Clock, Key, SystemClock, Tls};

/// What a server is told at its start.
#[derive(Clone)]
pub struct Config {
    /// Where touchpoints ask.
    pub listen: SocketAddr,
    /// Where administration is; none: at the same address.
    pub admin_listen: Option<SocketAddr>,
    /// The data directory.
    pub data: PathBuf,
    /// What the server proves itself with, at both addresses. None: plain HTTP.
    pub tls: Option<Tls>,
    /// Authorities in PEM that peers' certificates may be of, beside those of this machine.
    pub peer_ca: Option<Vec<u8>>,
    /// The keys. None at all: every door is open, which is for loopback only.
    pub keys: Vec<Key>,
    /// The first policy: a signed envelope. None: the stored one, or one that the server makes for itself.
    pub policy: Option<Envelope>,
    /// The server's id, where no policy says it.
    pub server: Option<ServerId>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Why a configuration is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A server that others reach needs keys.
    #[error(
        "{address} is not a loopback address: a server that others can reach needs keys (TAIWA_ADMIN_TOKEN)"
    )]
    NoKeys {
        /// The address.
        address: SocketAddr,
    },
    /// A server that others reach needs a policy.
    #[error(
        "{address} is not a loopback address: a server that others can reach needs a policy (--policy FILE)"
    )]
    NoPolicy {
        /// The address.
        address: SocketAddr,
    },
}

impl Config {
    /// A server on loopback with this data directory; port 0 takes a free one.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin_listen: None,
            data: data.into(),
            tls: None,
            peer_ca: None,
            keys: Vec::new(),
            policy: None,
            server: None,
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// The first address that is not a loopback one.
    pub(crate) fn reachable(&self) -> Option<SocketAddr> {
        let mut all = [Some(self.listen), self.admin_listen].into_iter().flatten();
        all.find(|it| !it.ip().is_loopback())
    }

    /// Looks at what can be known before anything is opened.
    ///
    /// # Errors
    /// When others could reach a server without keys.
    pub fn check(&self) -> Result<(), ConfigError> {
        match self.reachable() {
            Some(address) if self.keys.is_empty() => Err(ConfigError::NoKeys { address }),
            _ => Ok(()),
        }
    }

    /// A policy that the server made for itself is for loopback only.
    pub(crate) fn check_policy(&self, version: u64) -> Result<(), ConfigError> {
        match self.reachable() {
            Some(address) if version == 0 => Err(ConfigError::NoPolicy { address }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use taiwa_api::Scope;

    use super::*;

    #[test]
    fn a_server_that_others_reach_needs_keys_and_a_policy() {
        let mut config = Config::new("x");
        assert_eq!((config.check(), config.check_policy(0)), (Ok(()), Ok(())));
        config.admin_listen = Some(SocketAddr::from(([0, 0, 0, 0], 1)));
        assert!(matches!(config.check(), Err(ConfigError::NoKeys { .. })));
        config.keys.push(Key::new("a-key-of-16-bytes", &[Scope::Admin]).unwrap());
        assert_eq!(config.check(), Ok(()));
        assert!(matches!(config.check_policy(0), Err(ConfigError::NoPolicy { .. })));
        assert_eq!(config.check_policy(1), Ok(()));
    }
}
