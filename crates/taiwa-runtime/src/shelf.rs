//! The releases that are ready to answer, and those that do: one, or two while one takes the other's place in steps.
//!
//! Invariants: what answers was verified, compiled and tested; it changes by one atomic pointer, between two requests.
//! Deliberately absent: when it may change (`protocol`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;
use taiwa_api::{Code, Problem};
use taiwa_decide::Compiled;
use taiwa_model::Digest;
use taiwa_release::Release;
use taiwa_store::Releases;

use taiwa_decide::{EVERYBODY_BP, is_in, place};
use taiwa_store::Identity;

use crate::{Clock, problem::Failure, self_test, tally::Tally};

/// Compiled releases that are kept ready.
pub(crate) const WARM_MAX: usize = 6;

/// A release that is ready to answer.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) compiled: Compiled,
    pub(crate) size_bytes: u64,
    pub(crate) components: u64,
}

/// The releases of this server.
pub(crate) struct Shelf {
    releases: Arc<dyn Releases>,
    clock: Arc<dyn Clock>,
    warm: Mutex<BTreeMap<Digest, (u64, Arc<Served>)>>,
    serving: ArcSwapOption<Serving>,
}

/// A release that answers, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) served: Arc<Served>,
    pub(crate) tally: Arc<Tally>,
}

/// What answers: one release, or two, each for its visitors.
#[derive(Debug)]
pub(crate) struct Serving {
    /// The release of the group's state.
    pub(crate) new: Side,
    /// The one before, for the visitors whom the new one does not answer yet.
    pub(crate) rest: Option<Side>,
}

impl Serving {
    /// One release for everybody, or `rest` for those beyond the first so many basis points.
    pub(crate) fn new(
        served: Arc<Served>,
        rest: Option<(Arc<Served>, u64)>,
        generation: u64,
    ) -> Self {
        let side = |served: Arc<Served>, share_bp| {
            let digest = served.compiled.digest();
            Side { served, tally: Arc::new(Tally::new(digest, share_bp, generation)) }
        };
        let share_bp = rest.as_ref().map_or(EVERYBODY_BP, |it| it.1.min(EVERYBODY_BP));
        let rest = rest.map(|it| side(it.0, EVERYBODY_BP - share_bp));
        Self { new: side(served, share_bp), rest }
    }

    /// The side of a visitor, and their place.
    pub(crate) fn of(&self, who: &Identity) -> (&Side, u64) {
        let Some(rest) = &self.rest else { return (&self.new, 0) };
        let place = place(&self.new.served.compiled.digest(), &who.level, &who.key);
        (if is_in(place, self.new.tally.share_bp) { &self.new } else { rest }, place)
    }

    /// Both sides, the new one first.
    pub(crate) fn sides(&self) -> impl Iterator<Item = &Side> {
        std::iter::once(&self.new).chain(&self.rest)
    }
}

/// Reads and compiles the bytes of a release.
pub(crate) fn ready(digest: &Digest, bytes: &[u8]) -> Result<Served, Failure> {
    let release = Release::read_expecting(bytes, digest).map_err(|it| {
        let code = match it {
            taiwa_release::ReadReleaseError::Digest { .. } => Code::DigestMismatch,
            taiwa_release::ReadReleaseError::TooLarge { .. } => Code::TooLarge,
            _ => Code::InvalidRelease,
        };
        Failure::new(code, it.to_string())
    })?;
    let compiled = Compiled::new(*digest, release.components()).map_err(|it| {
        let errors = it.problems.iter().map(|it| taiwa_api::Offence::new("", "unservable", it));
        let problem = Problem::new(Code::InvalidRelease, "the release cannot be served");
        Failure(Box::new(problem.with_errors(errors.collect())))
    })?;
    let components = release.components().ids().len() as u64;
    Ok(Served { compiled, size_bytes: bytes.len() as u64, components })
}

impl Shelf {
    pub(crate) fn new(releases: Arc<dyn Releases>, clock: Arc<dyn Clock>) -> Self {
        Self { releases, clock, warm: Mutex::default(), serving: ArcSwapOption::empty() }
    }

    /// What answers.
    pub(crate) fn serving(&self) -> Option<Arc<Serving>> {
        self.serving.load_full()
    }

    /// From the next request on, this answers.
    pub(crate) fn serve(&self, serving: Serving) {
        self.serving.store(Some(Arc::new(serving)));
    }

    /// Stores bytes: verified, compiled, tested, durable, ready. Answers whether they were there before.
    pub(crate) fn put(
        &self,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<(Arc<Served>, bool), Failure> {
        let served = match self.warm(digest) {
            Some(served) if Digest::of(bytes) == *digest => served,
            _ => {
                let served = ready(digest, bytes)?;
                self_test::run(&served.compiled, self.clock.as_ref())?;
                Arc::new(served)
            }
        };
        let known = self.releases.put(digest, bytes)?;
        self.keep(*digest, served.clone());
        Ok((served, known))
    }

    /// A stored release, ready to answer.
    pub(crate) fn get(&self, digest: &Digest) -> Result<Option<Arc<Served>>, Failure> {
        if let Some(served) = self.warm(digest) {
            return Ok(Some(served));
        }
        let Some(bytes) = self.releases.get(digest)? else { return Ok(None) };
        let served = Arc::new(ready(digest, &bytes)?);
        self.keep(*digest, served.clone());
        Ok(Some(served))
    }

    /// The bytes of a stored release.
    pub(crate) fn bytes(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.releases.get(digest)?)
    }

    /// Every stored release.
    pub(crate) fn stored(&self) -> Result<Vec<Digest>, Failure> {
        Ok(self.releases.list()?)
    }

    fn warm(&self, digest: &Digest) -> Option<Arc<Served>> {
        let warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        warm.get(digest).map(|it| it.1.clone())
    }

    fn keep(&self, digest: Digest, served: Arc<Served>) {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = warm.values().map(|it| it.0).max().unwrap_or(0);
        warm.insert(digest, (newest + 1, served));
        while warm.len() > WARM_MAX {
            let oldest = warm.iter().min_by_key(|it| it.1.0).map(|it| *it.0);
            oldest.map(|it| warm.remove(&it));
        }
    }
}
