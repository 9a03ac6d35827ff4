//! A deployment to staging as the deployer crate carries it out, made of what the commands give: a saved plan, a built
//! release, the committed policy.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "made for tests: it reads files and insists"
)]

use std::fs;

use taiwa_deployer::{Deployed, ExecuteError, Order, Server, Token, Watch, execute, http};
use taiwa_plan::{Bundle, Envelope, Plan, Policy};
use taiwa_testkit::World;

/// Everything that an [`Order`] borrows.
pub(crate) struct Prepared {
    bundle: Bundle,
    plan: Plan,
    policy: Policy,
    servers: Vec<Server>,
    bytes: Vec<u8>,
}

impl Prepared {
    /// Plans and builds what is marked in the world's checkout.
    #[track_caller]
    pub(crate) fn new(world: &World) -> Self {
        let (plan, release) =
            (world.private.join("order.plan"), world.private.join("order.release"));
        let shown = |it: &std::path::Path| it.display().to_string();
        world.taiwa(&["plan", "--to", "staging", "--out", &shown(&plan)]).exits(0);
        world.taiwa(&["build", "--for", "staging", "--out", &shown(&release)]).exits(0);
        let (plan, _) = Plan::read(fs::read(plan).unwrap().trim_ascii_end()).unwrap();
        let policy = world.read("environments/staging/policy.json");
        let policy = Envelope::read(policy.trim_end().as_bytes()).unwrap();
        let http = http().unwrap();
        let server = |name: &String| {
            let node = &world.servers[name];
            Server::new(
                &http,
                name.as_str().into(),
                &node.url(),
                Some(Token::new(node.token.clone())),
            )
        };
        Self {
            bundle: Bundle::new(&plan, Vec::new()).unwrap(),
            plan,
            policy: Policy::accept(&policy).unwrap(),
            servers: world.names("staging").iter().map(server).collect(),
            bytes: fs::read(release).unwrap(),
        }
    }

    /// The release that it brings.
    pub(crate) fn to(&self) -> String {
        self.plan.to.to_string()
    }

    /// Carries it out to the end, or as far as the watch lets it.
    pub(crate) fn execute(&self, watch: &dyn Watch) -> Result<Deployed, ExecuteError> {
        let order = Order {
            bundle: &self.bundle,
            plan: &self.plan,
            step: taiwa_plan::Move::FIRST,
            live: self.plan.base,
            policy: &self.policy,
            servers: &self.servers,
            bytes: &self.bytes,
        };
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(execute(&order, watch))
    }
}
