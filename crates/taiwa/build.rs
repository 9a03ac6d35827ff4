//! The sample workspace is part of the binary: a changed, new or removed file of it means a new binary.

fn main() {
    for path in ["channels", "environments", "taiwa.yaml", ".github/workflows/taiwa-validate.yml"] {
        println!("cargo::rerun-if-changed=../../{path}");
    }
}
