//! The command line under test: the same main as that of the binary, built with the stories.

fn main() -> std::process::ExitCode {
    taiwa::main()
}
