//! Sending, and the outbox: a file a message in the clone's own folder, there from before the first attempt until it is
//! taken.
#![expect(
    clippy::disallowed_methods,
    reason = "edge: keeps messages in files and waits between tries"
)]

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use taiwa_config::environment::{NotifyFormat, reference};
use taiwa_deployer::{Trust, http_with};
use taiwa_model::Timestamp;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::sign::Key;
use crate::{
    Cx,
    edge::{files, secret::Secret, signals},
};

/// How often a message is tried by one command.
const TRIES: u32 = 3;
/// How long one try may take.
const TRY: Duration = Duration::from_secs(3);
/// The pause before the second try, in milliseconds; the next is twice as long, each a random part of it more.
const PAUSE_MS: u64 = 250;
/// How long all messages of one command may take together.
const ALL: Duration = Duration::from_secs(8);
/// Most messages that one command sends; the rest waits for the next.
const MAX_SENT: usize = 20;
/// Most messages that wait; of more the oldest are dropped.
const MAX_WAITING: usize = 200;
/// How long a message waits at most, in milliseconds: three days.
const MAX_AGE_MS: i64 = 3 * 86_400_000;

/// A message that waits: everything but secrets, which are named.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// Of this form, and of the payload.
    pub(super) version: u32,
    /// The same for every try.
    pub(super) id: String,
    /// What the terminal calls it.
    pub(super) to: String,
    /// `${NAME}`, or an address that is no secret.
    pub(super) url: String,
    /// `${NAME}`.
    pub(super) secret: Option<String>,
    /// Its form.
    pub(super) format: NotifyFormat,
    /// When it happened.
    pub(super) at: Timestamp,
    /// What is sent.
    pub(super) body: String,
}

/// An id that nothing else has.
pub(super) fn id(at: Timestamp) -> String {
    format!("msg_{:012x}{:016x}", at.as_millis(), random())
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_or(0, |()| u64::from_le_bytes(bytes))
}

/// Puts a message into the outbox.
pub(super) fn keep(outbox: &Path, letter: &Letter) -> Result<(), String> {
    let bytes = serde_json::to_vec_pretty(letter).map_err(|it| it.to_string())?;
    fs::create_dir_all(outbox).map_err(|it| it.to_string())?;
    let path = outbox.join(format!("{}.json", letter.id));
    files::write_file(&path, &bytes).map_err(|it| it.to_string())
}

/// What waits, the oldest first.
fn waiting(outbox: &Path) -> Vec<(PathBuf, Letter)> {
    let Ok(entries) = fs::read_dir(outbox) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    paths.retain(|it| it.extension().is_some_and(|it| it == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let letter = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some((path, letter))
    };
    paths.into_iter().filter_map(read).collect()
}

/// What became of a message.
enum End {
    Taken,
    /// The receiver does not want it.
    Unwanted(String),
    /// Later, perhaps.
    Failed(String),
}

/// Sends what waits. Nothing here is a failure of the command: what could not be sent is said.
pub(super) fn flush(cx: &mut Cx<'_>, outbox: &Path) {
    let mut letters = waiting(outbox);
    let over = letters.len().saturating_sub(MAX_WAITING);
    let now = cx.now();
    let old = |(place, it): (usize, &(PathBuf, Letter))| {
        place < over || now.millis_since(it.1.at) > MAX_AGE_MS
    };
    let dropped: Vec<PathBuf> =
        letters.iter().enumerate().filter(|it| old(*it)).map(|it| it.1.0.clone()).collect();
    for path in &dropped {
        fs::remove_file(path).ok();
    }
    if !dropped.is_empty() {
        cx.say(format!(
            "{} old messages could not be sent in time, and are dropped",
            dropped.len()
        ));
        letters.retain(|it| !dropped.contains(&it.0));
    }
    letters.truncate(MAX_SENT);
    if letters.is_empty() {
        return;
    }
    let http = match http(cx) {
        Ok(http) => http,
        Err(why) => return cx.say(format!("nothing can be sent: {why}")),
    };
    let (mut ready, mut ended) = (Vec::new(), Vec::new());
    for (path, letter) in letters {
        match address(cx, &letter) {
            Ok((url, key)) => ready.push((path, letter, url, key)),
            Err(why) => ended.push((path, letter.to, End::Failed(why))),
        }
    }
    let clock = cx.clock();
    let all = async {
        let mut sent = JoinSet::new();
        for (path, letter, url, key) in ready {
            let http = http.clone();
            sent.spawn(async move {
                let tries = send(&http, &letter, (&url, key.as_ref()), clock);
                let end = timeout(ALL, tries).await;
                let end = end.unwrap_or_else(|_| End::Failed("no answer in time".to_owned()));
                (path, letter.to, end)
            });
        }
        Ok(sent.join_all().await)
    };
    match signals::block_on(all) {
        Ok(more) => ended.extend(more),
        Err(_) => cx.say("stopped by you before everybody was told; the next command tells them"),
    }
    for (path, to, end) in ended {
        match end {
            End::Taken => drop(fs::remove_file(path)),
            End::Unwanted(why) => {
                fs::remove_file(path).ok();
                cx.say(format!("{to} was not taken, and is not sent again: {why}"));
            }
            End::Failed(why) => {
                cx.say(format!("{to} could not be sent, the next command tries again: {why}"));
            }
        }
    }
}

/// Believes what a command believes of servers, but shows nobody the certificate that is for servers.
fn http(cx: &Cx<'_>) -> Result<reqwest::Client, String> {
    let ca = cx.var(crate::edge::servers::CA).map(|it| files::read_file(&cx.path(it)));
    let ca = ca.transpose().map_err(|it| it.to_string())?;
    http_with(&Trust { ca, client: None }).map_err(|it| it.to_string())
}

/// Where a message goes, and what it is signed with; both read now.
fn address(cx: &Cx<'_>, letter: &Letter) -> Result<(Secret, Option<Key>), String> {
    let secret = |written: &str| {
        Secret::resolve(cx, written, &format!("{} asks for it", letter.to)).map_err(|it| it.message)
    };
    let url = match reference(&letter.url) {
        Some(_) => secret(&letter.url)?,
        None => Secret::plain(&letter.url),
    };
    if !safe_address(url.reveal()) {
        return Err("its address is not https".to_owned());
    }
    let key = match (&letter.secret, letter.format) {
        (None, NotifyFormat::Slack) => None,
        (None, NotifyFormat::Webhook) => return Err("a webhook needs a `secret`".to_owned()),
        (Some(written), _) => {
            let key = Key::parse(secret(written)?.reveal());
            Some(key.ok_or("its secret is not `whsec_` and base64 of 24 to 64 bytes")?)
        }
    };
    Ok((url, key))
}

/// `https`, or this machine.
fn safe_address(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let loopback = |it: Ipv4Addr| it.is_loopback();
    let here = host == "localhost" || host == "[::1]" || host.parse().is_ok_and(loopback);
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

async fn send(
    http: &reqwest::Client,
    letter: &Letter,
    (url, key): (&Secret, Option<&Key>),
    clock: fn() -> Timestamp,
) -> End {
    let mut why = String::new();
    for attempt in 0..TRIES {
        if attempt > 0 {
            let pause_ms = PAUSE_MS << attempt;
            sleep(Duration::from_millis(pause_ms + random() % pause_ms)).await;
        }
        let at_s = clock().as_seconds();
        let mut request = http
            .post(url.reveal())
            .timeout(TRY)
            .header("content-type", "application/json")
            .header("webhook-id", &letter.id)
            .header("webhook-timestamp", at_s);
        if let Some(key) = key {
            request = request.header("webhook-signature", key.sign(&letter.id, at_s, &letter.body));
        }
        match request.body(letter.body.clone()).send().await {
            Ok(answer) if answer.status().is_success() => return End::Taken,
            Ok(answer) => {
                why = format!("it answered {}", answer.status().as_u16());
                let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
                if !answer.status().is_server_error() && !later.contains(&answer.status()) {
                    return End::Unwanted(why);
                }
            }
            // What the client says may quote the address, which can be a secret.
            Err(error) if error.is_timeout() => "no answer in time".clone_into(&mut why),
            Err(error) if error.is_connect() => "no connection".clone_into(&mut why),
            Err(_) => "the request did not get through".clone_into(&mut why),
        }
    }
    End::Failed(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine() {
        for url in
            ["https://a.example/x", "http://127.0.0.1:9/", "http://localhost/", "http://[::1]:1"]
        {
            assert!(safe_address(url), "{url}");
        }
        for url in
            ["http://a.example", "http://127.evil.example", "ftp://a", "", "file:///etc/passwd"]
        {
            assert!(!safe_address(url), "{url}");
        }
    }

    #[test]
    fn ids_are_never_the_same() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        assert_ne!(id(at), id(at));
        assert_eq!(id(at).len(), "msg_".len() + 28);
    }
}
