//! Everything that runs on real processes: one program, so that it is linked once, and so that whoever has only `cargo test`
//! runs it side by side.

#[path = "red_team/doors.rs"]
mod doors;
#[path = "red_team/loot.rs"]
mod loot;
#[path = "kill/order.rs"]
mod order;
#[path = "red_team/site.rs"]
mod site;

mod kill_deployer;
mod kill_server;
mod world_against;
mod world_attacks;
mod world_authorship;
mod world_emergency;
mod world_ends;
mod world_faults;
mod world_gates;
mod world_leading;
mod world_ledger;
mod world_lines;
mod world_mistakes;
mod world_notify;
mod world_partial;
mod world_policies;
mod world_red_team;
mod world_rollout;
mod world_secrets;
mod world_servers;
mod world_signals;
mod world_status;
mod world_tls;
