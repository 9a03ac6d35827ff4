//! The server over real sockets: every test starts its own, on a free port, with a clock that stands still.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod deployment;
#[cfg(test)]
mod group;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod touchpoint;
