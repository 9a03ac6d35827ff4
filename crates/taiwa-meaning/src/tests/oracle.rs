//! Random conditions: every point of the diagrams is a real person of whom the engine says the same, and every real
//! person is a point.
