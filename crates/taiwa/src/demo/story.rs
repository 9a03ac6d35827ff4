//! The story, in the order in which it is told. Every step is a real command, and every claim is checked.
#![expect(clippy::disallowed_methods, reason = "edge: waits until a release has soaked")]

use std::time::Duration;

use serde_json::{Value as Json, json};
use taiwa_model::Timestamp;
use tokio::time::{Instant, sleep};

use super::{
    Stage, broken,
    setting::{Cast, Server, commit, edit, prepare, start, token, variable},
};
use crate::Failure;

/// What the story needs besides the stage.
struct Play<'a> {
    stage: &'a mut Stage,
    cast: Cast,
    servers: Vec<Server>,
    now: fn() -> Timestamp,
    http: reqwest::Client,
}

/// The offer that the story changes, and the words in it.
const OFFER: &str = "channels/shared/offers/espresso-starter.yaml";

const BEFORE: &str = "headline: Your first espresso at home";
const AFTER: &str = "headline: A barista at your breakfast table";

/// Tells the story; fails at the first step that does not hold.
pub(crate) async fn tell(
    stage: &mut Stage,
    now: fn() -> Timestamp,
    stay: bool,
) -> Result<(), Failure> {
    for environment in ["staging", "production"] {
        let text =
            taiwa_deployer::challenge().map_err(|it| broken("make a token", &it.to_string()))?;
        stage.set(&variable(environment), text);
    }
    stage.chapter("1. The workspace: Contoso Coffee, in git, and four runtime servers");
    let (cast, servers) = prepare(stage, now()).await?;
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(|it| broken("HTTP", &it.to_string()))?;
    let mut play = Play { stage, cast, servers, now, http };
    play.policies().await?;
    start(play.stage, &play.servers).await?;
    play.stage.say("Two staging and two production servers are up; each obeys its own signed policy from now on.");
    play.first_release().await?;
    play.change().await?;
    play.back().await?;
    if stay {
        play.linger().await;
    }
    play.stage.end().await;
    Ok(())
}

impl Play<'_> {
    /// Who may do what is signed before anything runs.
    async fn policies(&mut self) -> Result<(), Failure> {
        self.stage.say("Who may approve what is a policy; the people it names sign it, and servers obey nothing else.");
        self.stage.taiwa(&["policy", "propose", "staging"], 0).await?;
        self.stage.taiwa(&["policy", "propose", "production"], 0).await?;
        for key in [&self.cast.manager, &self.cast.touchpoint_manager] {
            self.stage.taiwa(&["policy", "sign", "production", "--key", key], 0).await?;
        }
        commit(self.stage, "Policies of staging and production", (self.now)())
    }

    /// From YAML to production, once.
    async fn first_release(&mut self) -> Result<(), Failure> {
        self.stage.chapter("2. Check, mark and deploy to staging");
        self.stage.taiwa(&["validate"], 0).await?;
        self.stage.taiwa(&["test"], 0).await?;
        self.stage
            .taiwa(&["mark", "channel/web-store", "channel/mobile-app", "--for", "staging"], 0)
            .await?;
        commit(self.stage, "Mark web store and app for staging", (self.now)())?;
        self.stage.taiwa(&["plan", "--to", "staging"], 0).await?;
        self.stage.taiwa(&["deploy", "--to", "staging", "--yes"], 0).await?;
        self.ask("staging", "espresso-starter").await?;

        self.stage.chapter("3. Prove it, and try to promote without approval");
        let since = Instant::now();
        self.prove().await?;
        self.stage.taiwa(&["mark", "staging", "--for", "production"], 0).await?;
        commit(self.stage, "Mark the proven release for production", (self.now)())?;
        self.stage
            .say("Nobody has approved it yet. The answer is no, and says who can make it a yes:");
        self.stage.taiwa(&["promote", "--to", "production", "--yes"], 1).await?;

        self.stage
            .chapter("4. Two people approve exactly this content; the same bytes go to production");
        self.approve().await?;
        self.soak(since).await;
        self.stage.taiwa(&["promote", "--to", "production", "--yes"], 0).await?;
        self.ask("production", "espresso-starter").await?;
        self.stage.taiwa(&["status"], 0).await
    }

    /// A changed offer takes the same way.
    async fn change(&mut self) -> Result<(), Failure> {
        self.stage.chapter("5. A marketer changes an offer");
        edit(self.stage, OFFER, BEFORE, AFTER)?;
        self.stage.say(format!("In {OFFER} the headline becomes: {AFTER}"));
        commit(self.stage, "A warmer headline for the espresso kit", (self.now)())?;
        self.stage.taiwa(&["validate"], 0).await?;
        self.stage.taiwa(&["mark", "offer/espresso-starter", "--for", "staging"], 0).await?;
        commit(self.stage, "Mark the new headline for staging", (self.now)())?;
        self.stage.taiwa(&["plan", "--to", "staging"], 0).await?;
        self.stage.taiwa(&["deploy", "--to", "staging", "--yes"], 0).await?;
        self.stage.taiwa(&["diff", "production", "staging"], 1).await?;
        let since = Instant::now();
        self.prove().await?;
        self.stage.taiwa(&["mark", "staging", "--for", "production"], 0).await?;
        commit(self.stage, "Mark the new headline for production", (self.now)())?;
        self.approve().await?;
        self.soak(since).await;
        self.stage.taiwa(&["promote", "--to", "production", "--yes"], 0).await?;
        let headline = self.ask("production", "espresso-starter").await?;
        if AFTER == format!("headline: {headline}") {
            Ok(())
        } else {
            Err(broken("the new headline", &headline))
        }
    }

    /// Second thoughts.
    async fn back(&mut self) -> Result<(), Failure> {
        self.stage.chapter("6. Second thoughts: one manager takes production back");
        let key = self.cast.manager.clone();
        let arguments =
            ["rollback", "--on", "production", "--as", "manager", "--key", &key, "--yes"];
        self.stage.taiwa(&arguments, 0).await?;
        let headline = self.ask("production", "espresso-starter").await?;
        if BEFORE != format!("headline: {headline}") {
            return Err(broken("the old headline", &headline));
        }
        self.stage.taiwa(&["history", "production", "--verify"], 0).await
    }

    /// Leaves everything running; Ctrl-C ends it.
    async fn linger(&self) {
        self.stage.chapter("The servers stay up until Ctrl-C");
        self.stage.say(format!("workspace: {}", self.stage.workspace.display()));
        for server in &self.servers {
            let token = token(self.stage, server.environment);
            self.stage.say(format!("{}: {} (key {token})", server.name, server.url()));
        }
        std::future::pending::<()>().await;
    }

    async fn prove(&self) -> Result<(), Failure> {
        self.stage
            .taiwa(&["test", "--on", "staging", "--key", &self.cast.runner], 0)
            .await
            .map(drop)
    }

    async fn approve(&self) -> Result<(), Failure> {
        let (manager, other) = (self.cast.manager.as_str(), self.cast.touchpoint_manager.as_str());
        for (role, key) in [("manager", manager), ("touchpoint-manager", other)] {
            let arguments = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
            self.stage.taiwa(&arguments, 0).await?;
        }
        Ok(())
    }

    /// Production asks for a release that has run on staging for five seconds.
    async fn soak(&self, since: Instant) {
        let left = Duration::from_secs(6).saturating_sub(since.elapsed());
        if !left.is_zero() {
            self.stage.say(format!(
                "(waiting {} s: production takes only what has run on staging for 5 s)",
                left.as_secs() + 1
            ));
            sleep(left).await;
        }
    }

    /// What a gold member who likes espresso sees now, asked of every server of an environment; the headline.
    async fn ask(&self, environment: &str, expect: &str) -> Result<String, Failure> {
        let question = json!({
            "channel": "web-store", "point": "home-banner", "audience": { "customer_id": "c-1" },
            "attributes": { "tier": "gold", "interests": ["espresso"] }, "locale": "en",
        });
        let mut headline = String::new();
        for (index, server) in
            self.servers.iter().filter(|it| it.environment == environment).enumerate()
        {
            let answer = self.decide(server, &question).await?;
            let offer = answer["offers"][0]["offer"].as_str().unwrap_or_default();
            let shown = answer["offers"][0]["content"]["headline"].as_str();
            shown.unwrap_or_default().clone_into(&mut headline);
            if index == 0 {
                let command = format!(
                    "curl {}/v1/decide -H \"authorization: Bearer $KEY\" --json '{question}'",
                    server.url()
                );
                self.stage.show(&command, &format!("{offer}: {headline}"));
            }
            if offer != expect {
                return Err(broken(
                    "ask for an offer",
                    &format!("{} answers: {answer}", server.name),
                ));
            }
        }
        Ok(headline)
    }

    async fn decide(&self, server: &Server, question: &Json) -> Result<Json, Failure> {
        let secret = format!("client-{}", token(self.stage, server.environment));
        let request = self
            .http
            .post(format!("{}/v1/decide", server.url()))
            .bearer_auth(secret)
            .json(question);
        let answer =
            request.send().await.map_err(|it| broken("ask for an offer", &it.to_string()))?;
        answer.json().await.map_err(|it| broken("ask for an offer", &it.to_string()))
    }
}
