//! The waist: what a release is, its bytes, its digest, and the difference of two.
