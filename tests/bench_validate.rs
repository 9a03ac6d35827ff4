//! Measures `taiwa validate` beside other checkers of YAML, in one run and in turn: `cargo xtask bench` runs it.
//!
//! Every figure is of a whole process, as people and build machines start it. Ours and a peer take turns (A B A B …), so
//! that a busy machine is busy for both; a ratio is that of the medians. Peers check the offers alone, by the schema of
//! `taiwa schema`; taiwa checks the whole workspace around them, also what lies in several files. Peers are installed
//! into `bench-peers` of the target folder by npm and pip; one that cannot be had is named and left out.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it starts programs, measures time and prints tables"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use taiwa_stories::generated;

/// Offers of the workspace that peers check, too.
const OFFERS: usize = 2_000;
/// The command.
const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
/// Runs of each side.
const ROUNDS: usize = 5;
/// ajv with js-yaml in one process: the files, one after the other.
const IN_PROCESS: &str = "
const fs = require('fs'), yaml = require('js-yaml'), Ajv = require('ajv/dist/2020').default;
const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
const check = ajv.compile(JSON.parse(fs.readFileSync(process.argv[2])));
for (const file of fs.readdirSync(process.argv[3])) {
  const value = yaml.load(fs.readFileSync(`${process.argv[3]}/${file}`, 'utf8'), { schema: yaml.CORE_SCHEMA });
  if (!check(value)) { console.error(file, check.errors); process.exit(1); }
}";

fn main() {
    let program = Path::new(PROGRAM);
    let scratch = tempfile::tempdir().expect("a folder");
    println!("| files of the workspace | cold | files/s | warm | files/s |\n|---|---|---|---|---|");
    for offers in [10, 65, 300, 650, 1_287, 3_250, 6_500, 13_000] {
        growth(program, scratch.path(), offers);
    }
    let bench = Bench::new(program, scratch.path());
    println!(
        "\n| {OFFERS} files | median | fastest | slowest | files/s | taiwa cold: times as fast | warm |"
    );
    println!("|---|---|---|---|---|---|---|");
    for peer in bench.peers() {
        bench.duel(peer);
    }
}

/// Ours alone, by the number of files.
fn growth(program: &Path, scratch: &Path, offers: usize) {
    let workspace = scratch.join(format!("w{offers}"));
    let files = laid_out(&workspace, offers);
    let cold = times(ROUNDS, || ours(program, &workspace, scratch, Some("--no-cache")));
    ours(program, &workspace, scratch, None);
    let warm = times(ROUNDS, || ours(program, &workspace, scratch, None));
    let rate = |it: f64| f64::from(u32::try_from(files).unwrap_or(u32::MAX)) / it;
    println!(
        "| {files} | {} | {:.0} | {} | {:.0} |",
        time(median(&cold)),
        rate(median(&cold)),
        time(median(&warm)),
        rate(median(&warm))
    );
}

/// Writes a workspace, as if long ago: files of this moment are not trusted by their times.
fn laid_out(folder: &Path, offers: usize) -> usize {
    let files = generated::workspace(offers);
    for (path, bytes) in &files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    files.len()
}

fn ours(program: &Path, workspace: &Path, scratch: &Path, argument: Option<&str>) {
    let mut command = Command::new(program);
    command.arg("validate").args(argument).current_dir(workspace);
    command.env("XDG_CACHE_HOME", scratch.join("cache"));
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Another checker: what it is called, and how it is started; or why it is not there.
type Peer = (&'static str, Result<Box<dyn Fn() -> Command>, String>);

struct Bench {
    program: PathBuf,
    workspace: PathBuf,
    scratch: PathBuf,
    /// The offers alone.
    offers: PathBuf,
    schema: PathBuf,
    /// As many Python files of that size.
    python: PathBuf,
    tools: PathBuf,
}

impl Bench {
    fn new(program: &Path, scratch: &Path) -> Self {
        let at = |name: &str| scratch.join(name);
        laid_out(&at("peers"), OFFERS);
        let (offers, python) = (at("offers"), at("python"));
        fs::create_dir_all(&offers).expect("a folder");
        fs::create_dir_all(&python).expect("a folder");
        for number in 0..OFFERS {
            let name = format!("bulk-o{number}.yaml");
            let from = at("peers").join("channels/web-store/offers").join(&name);
            let offer = fs::read_to_string(from).expect("an offer");
            // Some readers make a date of what looks like one, and then it is no text as the schema wants it.
            let offer = offer.replace(
                "from: 2016-01-01, until: 2039-12-31",
                "from: '2016-01-01', until: '2039-12-31'",
            );
            fs::write(offers.join(name), &offer).expect("an offer");
            let bytes = offer.len();
            let mut text = String::from("\"\"\"Made by rule.\"\"\"\n");
            for index in 0_u64.. {
                let one =
                    format!("\n\ndef f{index}(a, b):\n    c = a + b * {number}\n    return c\n");
                if text.len() + one.len() > bytes {
                    break;
                }
                text.push_str(&one);
            }
            fs::write(python.join(format!("m{number}.py")), text).expect("a file");
        }
        let schema = at("offer.json");
        let output = Command::new(program).args(["schema", "offer"]).output().expect("it starts");
        fs::write(&schema, output.stdout).expect("a file");
        Self {
            program: program.to_owned(),
            workspace: at("peers"),
            scratch: scratch.to_owned(),
            offers,
            schema,
            python,
            tools: program.ancestors().nth(2).expect("a target folder").join("bench-peers"),
        }
    }

    fn peers(&self) -> Vec<Peer> {
        let node = self.node(&["ajv-cli@5", "ajv@8", "js-yaml@4"]);
        let python = |package| self.python(package);
        let (offers, schema) = (self.offers.clone(), self.schema.clone());
        let ajv = node.clone().map(|it| {
            let (offers, schema) = (offers.clone(), schema.clone());
            boxed(move || {
                let mut command = Command::new(it.join("node_modules/.bin/ajv"));
                command.args([
                    "validate",
                    "--spec=draft2020",
                    "--strict=false",
                    "--validate-formats=false",
                ]);
                command.arg("-s").arg(&schema).arg("-d").arg(offers.join("*.yaml"));
                command
            })
        });
        let in_process = node.map(|it| {
            let (offers, schema) = (offers.clone(), schema.clone());
            boxed(move || {
                let mut command = Command::new("node");
                command
                    .arg("-e")
                    .arg(IN_PROCESS)
                    .arg("x")
                    .arg(&schema)
                    .arg(&offers)
                    .current_dir(&it);
                command
            })
        });
        let check = python("check-jsonschema").map(|it| {
            let (offers, schema) = (offers.clone(), schema.clone());
            boxed(move || {
                let mut command = Command::new(it.join("bin/check-jsonschema"));
                command.arg("--schemafile").arg(&schema).args(listed(&offers));
                command
            })
        });
        let lint = python("yamllint").map(|it| {
            let offers = offers.clone();
            boxed(move || {
                let mut command = Command::new(it.join("bin/yamllint"));
                command.args(["-d", "{rules: {key-duplicates: enable}}"]).arg(&offers);
                command
            })
        });
        let ruff = |cached: bool| {
            let (files, scratch) = (self.python.clone(), self.scratch.clone());
            python("ruff").map(move |it| {
                boxed(move || {
                    let mut command = Command::new(it.join("bin/ruff"));
                    command.args(["check", "--isolated", "--quiet"]).arg(&files);
                    command.env("RUFF_CACHE_DIR", scratch.join("ruff"));
                    if !cached {
                        command.arg("--no-cache");
                    }
                    command
                })
            })
        };
        vec![
            ("ajv-cli", ajv),
            ("js-yaml and ajv in one process of Node", in_process),
            ("check-jsonschema", check),
            ("yamllint, one rule", lint),
            ("ruff on as many Python files, no cache", ruff(false)),
            ("ruff on as many Python files, warm", ruff(true)),
        ]
    }

    /// A folder with these packages of npm.
    fn node(&self, packages: &[&str]) -> Result<PathBuf, String> {
        let folder = self.tools.join("node");
        if !folder.join("node_modules/.bin/ajv").exists() {
            fs::create_dir_all(&folder).map_err(|it| it.to_string())?;
            let mut command = Command::new("npm");
            command.args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"]);
            quietly(command.arg(&folder).args(packages))?;
        }
        Ok(folder)
    }

    /// A virtual environment with this package of the Python index.
    fn python(&self, package: &str) -> Result<PathBuf, String> {
        let folder = self.tools.join(package);
        if !folder.join("bin").join(package).exists() {
            quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let mut pip = Command::new(folder.join("bin/pip"));
            quietly(pip.args(["install", "--quiet", package]))?;
        }
        Ok(folder)
    }

    /// Ours and theirs in turn.
    fn duel(&self, (name, peer): Peer) {
        let theirs = match peer {
            Ok(it) => it,
            Err(why) => return println!("| {name}: not measured, {why} | | | | | | |"),
        };
        // the first of each is not counted: it fills caches, those of the disk, too
        if let Err(why) = quietly(&mut theirs()) {
            return println!("| {name}: not measured, {why} | | | | | | |");
        }
        let run =
            |argument| times(1, || ours(&self.program, &self.workspace, &self.scratch, argument));
        run(None);
        let (mut cold, mut warm, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            cold.extend(run(Some("--no-cache")));
            other.extend(times(1, || quietly(&mut theirs())));
            warm.extend(run(None));
        }
        other.sort_by(f64::total_cmp);
        let files = f64::from(u32::try_from(OFFERS).unwrap_or(u32::MAX));
        println!(
            "| {name} | {} | {} | {} | {:.0} | {:.1} | {:.1} |",
            time(median(&other)),
            time(other.first().copied().unwrap_or_default()),
            time(other.last().copied().unwrap_or_default()),
            files / median(&other),
            median(&other) / median(&cold),
            median(&other) / median(&warm),
        );
    }
}

fn boxed(start: impl Fn() -> Command + 'static) -> Box<dyn Fn() -> Command> {
    Box::new(start)
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.filter_map(|it| Some(it.ok()?.path())).collect()
}

/// Runs a command to its end; what it said where it did not go well.
fn quietly(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|it| it.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).replace('\n', " ");
    Err(said.chars().take(200).collect())
}

fn times<T>(rounds: usize, mut run: impl FnMut() -> T) -> Vec<f64> {
    let one = |_| {
        let started = Instant::now();
        run();
        started.elapsed().as_secs_f64()
    };
    (0..rounds).map(one).collect()
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn time(seconds: f64) -> String {
    if seconds >= 1.0 { format!("{seconds:.2} s") } else { format!("{:.1} ms", seconds * 1e3) }
}
