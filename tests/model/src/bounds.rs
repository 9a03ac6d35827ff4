//! How large a group is searched, what may happen in it, and which rule of the protocol is switched off.

/// What may happen, beyond deploying, crashing and delivering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The attacker makes one plan of its own.
    Attacker,
    /// The first plan is break-glass.
    Emergency,
    /// The second policy makes the second server the anchor.
    Rotation,
    /// The first server is lost for good, and the second policy says so; with [`Part::Rotation`].
    Retired,
    /// Parachutes may be pulled.
    Back,
    /// The first plan reaches its visitors in two steps.
    Steps,
    /// Approvals may expire.
    Expiry,
    /// A peer's answer may be old when it is used.
    Late,
    /// A group stays ready without its anchor, see [`crate::stay`].
    Stay,
    /// The disk of one server is replaced by an empty one.
    Disk,
}

/// The parts, by the names that the command line gives them.
pub const PARTS: [(&str, Part); 10] = [
    ("attacker", Part::Attacker),
    ("emergency", Part::Emergency),
    ("rotation", Part::Rotation),
    ("retired", Part::Retired),
    ("back", Part::Back),
    ("steps", Part::Steps),
    ("expiry", Part::Expiry),
    ("late", Part::Late),
    ("stay", Part::Stay),
    ("disk", Part::Disk),
];

/// A rule of the protocol that can be switched off, to see that something breaks without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Approvals are needed.
    Approvals,
    /// People are counted, not keys.
    People,
    /// Approvals that expired do not count at the commit.
    Expiry,
    /// Compare before set.
    Generation,
    /// An epoch that was seen is not taken again.
    Epoch,
    /// Everybody prepares before the anchor commits.
    Barrier,
    /// Receipts are of this epoch.
    Receipts,
    /// Others move by the anchor's word only.
    Word,
    /// A slot survives a restart.
    Slot,
    /// Who is in doubt drains.
    Drain,
    /// The anchor waits until all others have drained before it ends an emergency.
    Skew,
    /// An emergency release that arrives after its end never becomes ready.
    LateEmergency,
    /// Whoever leads may end an emergency, under any version.
    AnyVersion,
    /// A doubt ends by the word of who decides.
    Decides,
    /// A rotation leaves the slots of others alone.
    Rotation,
    /// A new anchor leads when everybody has shown the new policy.
    Handover,
    /// After a rotation the old word moves nobody.
    OldWord,
    /// The same where the old anchor is retired.
    Retired,
    /// Who stays ready has seen every other member but the anchor.
    StayAll,
    /// What was seen counts for a while only, and who moves on from a doubt waits that out.
    StayLease,
    /// That wait survives a restart.
    StayLeaseKept,
    /// An anchor that nobody follows drains.
    AnchorAlone,
    /// It knows that after a restart, too.
    AnchorAloneKept,
    /// Hearing one that followed, it waits out what that one had promised.
    AnchorWaits,
    /// An anchor with an empty disk does not lead, and is not ready, before the next policy.
    DiskAnchor,
    /// Another with an empty disk is not ready before it has seen that nothing is open at who decides.
    DiskMember,
    /// And then it waits until nobody relies on what its old disk showed.
    DiskWaits,
    /// After a rotation an old word is learned only where whoever decides now has it, too, or does not lead yet.
    OldLearned,
}

/// The rules, by the names that the command line gives them.
pub const RULES: [(&str, Rule); 28] = [
    ("approvals", Rule::Approvals),
    ("people", Rule::People),
    ("expiry", Rule::Expiry),
    ("generation", Rule::Generation),
    ("epoch", Rule::Epoch),
    ("barrier", Rule::Barrier),
    ("receipts", Rule::Receipts),
    ("word", Rule::Word),
    ("slot", Rule::Slot),
    ("drain", Rule::Drain),
    ("skew", Rule::Skew),
    ("late-emergency", Rule::LateEmergency),
    ("any-version", Rule::AnyVersion),
    ("decides", Rule::Decides),
    ("rotation", Rule::Rotation),
    ("handover", Rule::Handover),
    ("old-word", Rule::OldWord),
    ("retired", Rule::Retired),
    ("stay-all", Rule::StayAll),
    ("stay-lease", Rule::StayLease),
    ("stay-lease-kept", Rule::StayLeaseKept),
    ("anchor-alone", Rule::AnchorAlone),
    ("anchor-alone-kept", Rule::AnchorAloneKept),
    ("anchor-waits", Rule::AnchorWaits),
    ("disk-anchor", Rule::DiskAnchor),
    ("disk-member", Rule::DiskMember),
    ("disk-waits", Rule::DiskWaits),
    ("old-learned", Rule::OldLearned),
];

/// A set of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts(u16);

impl Parts {
    /// These parts.
    pub fn of(parts: &[Part]) -> Self {
        Self(parts.iter().fold(0, |all, it| all | 1 << (*it as u16)))
    }

    /// The same and one more.
    #[must_use]
    pub const fn with(self, part: Part) -> Self {
        Self(self.0 | 1 << (part as u16))
    }

    /// The same without one.
    #[must_use]
    pub const fn without(self, part: Part) -> Self {
        Self(self.0 & !(1 << (part as u16)))
    }

    /// Whether the part is in it.
    pub const fn has(self, part: Part) -> bool {
        self.0 & (1 << (part as u16)) != 0
    }
}

/// Within what everything is searched.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Servers: 2 to 4.
    pub servers: u8,
    /// Honest plans.
    pub honest: usize,
    /// Epochs that an anchor may issue under one policy.
    pub epochs: u8,
    /// The servers that the first plan leaves out, a bit each.
    pub absent: u8,
    /// What may happen.
    pub parts: Parts,
    /// The rule that is switched off.
    pub off: Option<Rule>,
}

impl Default for Bounds {
    fn default() -> Self {
        let parts = Parts::of(&[Part::Attacker, Part::Back]);
        Self { servers: 2, honest: 2, epochs: 3, absent: 0, parts, off: None }
    }
}

impl Bounds {
    /// Reads `servers=3 honest=2 epochs=2 absent=2 with=rotation,late without=back off=epoch`, each word optional.
    ///
    /// # Errors
    /// The word that cannot be understood.
    pub fn read(words: &[&str]) -> Result<Self, String> {
        let mut bounds = Self::default();
        for word in words {
            let wrong = || format!("`{word}` is not understood");
            let (key, value) = word.split_once('=').ok_or_else(wrong)?;
            let number = || value.parse::<u8>().map_err(|_| wrong());
            match key {
                "servers" => bounds.servers = number()?,
                "honest" => bounds.honest = usize::from(number()?),
                "epochs" => bounds.epochs = number()?,
                "absent" => bounds.absent = number()?,
                "with" | "without" => {
                    for name in value.split(',') {
                        let part = PARTS.iter().find(|it| it.0 == name).ok_or_else(wrong)?.1;
                        let parts = bounds.parts;
                        let more = key == "with";
                        bounds.parts = if more { parts.with(part) } else { parts.without(part) };
                    }
                }
                "off" => {
                    let rule = RULES.iter().find(|it| it.0 == value).ok_or_else(wrong)?.1;
                    bounds.off = Some(rule);
                }
                _ => return Err(wrong()),
            }
        }
        if (2..=4).contains(&bounds.servers) { Ok(bounds) } else { Err("2 to 4 servers".into()) }
    }

    /// Whether something may happen.
    pub const fn has(&self, part: Part) -> bool {
        self.parts.has(part)
    }

    /// Whether a rule is switched off.
    pub fn lacks(&self, rule: Rule) -> bool {
        self.off == Some(rule)
    }
}
