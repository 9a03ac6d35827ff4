//! Budget, determinism, cycles.
