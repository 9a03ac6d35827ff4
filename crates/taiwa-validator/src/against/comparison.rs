//! What the rules about changes may look at: both sides, and where to say what is gone.

use taiwa_model::{ChannelName, ComponentId, Components, Kind};
use taiwa_text::{Finding, Language, Place, Severity, Source, Span, Text, say};

use super::{Baseline, Kept};
use crate::{Context, Reference, Rule, Sites, Target, references::touchpoints};

/// Two sides of a workspace. Made once a check.
pub struct Comparison<'a> {
    /// What is there now.
    pub now: &'a Context<'a>,
    /// What was there.
    pub then: &'a Baseline,
    /// Every condition that was there, checked.
    pub(crate) sites: Sites,
    /// What was kept of people's history.
    pub(crate) kept: Kept,
    used: Vec<Reference>,
}

/// Who uses something, as far as touchpoint files say.
#[derive(Default)]
pub struct Used {
    /// The names of touchpoints that used it, or use it now.
    pub names: Vec<String>,
    /// Where touchpoints use it still.
    pub still: Vec<Place>,
}

impl<'a> Comparison<'a> {
    /// Looks at both sides.
    pub fn new(now: &'a Context<'a>, then: &'a Baseline) -> Self {
        let sites = Sites::new(then.components());
        let kept = Kept::new(then.components(), &sites);
        Self { now, then, sites, kept, used: touchpoints(then.components()) }
    }

    /// What was there.
    pub fn old(&self) -> &'a Components {
        self.then.components()
    }

    /// What is there.
    pub fn new_components(&self) -> &'a Components {
        self.now.components
    }

    /// Whether a component can be compared: both sides were read without an error, or are not there at all.
    pub fn is_comparable(&self, id: &ComponentId) -> bool {
        !self.now.is_doubtful(id)
            && !self.then.is_unread(id)
            && !self.now.index.is_broken(id.kind, &id.name)
    }

    /// Whether everything that conditions count on could be read on both sides: else nobody knows what they mean.
    pub(crate) fn is_understood(&self) -> bool {
        const COUNTS: [Kind; 4] = [Kind::Audience, Kind::Segment, Kind::Flowchart, Kind::Channel];
        let now = self.now.index.broken();
        let counts = |it: &ComponentId| COUNTS.contains(&it.kind);
        !now.chain(&self.then.doubtful).any(counts)
            && !self.now.is_doubtful(&ComponentId::new(Kind::Audience, "shared"))
    }

    /// The channel in whose folder a component lies.
    pub(crate) fn channel_of(&self, id: &ComponentId) -> Option<&ChannelName> {
        self.now.project.documents.get(id)?.scope.channel()
    }

    /// The `format` of the workspace as it is written now, also where this version does not know it.
    pub(crate) fn written_format(&self) -> Option<u64> {
        let tree =
            &self.now.project.documents.get(&ComponentId::new(Kind::Workspace, "taiwa"))?.tree;
        let (_, value) = tree.get(tree.root()?, "format")?;
        tree.scalar(value)?.parse().ok()
    }

    /// Which touchpoints use something.
    pub fn used(&self, target: &Target) -> Used {
        let mut used = Used::default();
        for it in self.used.iter().filter(|it| it.to == *target) {
            used.names.push(it.from.name.clone());
        }
        let still = self.now.references_to(target).filter(|it| it.from.kind == Kind::Touchpoint);
        for it in still {
            used.names.push(it.from.name.clone());
            used.still.push(self.now.place(&it.from, &it.path));
        }
        used.names.sort();
        used.names.dedup();
        used
    }

    /// A finding about something that is gone: at the first of these paths of the component that is written now, else
    /// where a touchpoint still uses it, else at the beginning of the component, else of the workspace.
    pub fn gone(
        &self,
        rule: &Rule,
        id: &ComponentId,
        (paths, used): (&[&str], &Used),
        message: impl Into<Text>,
    ) -> Finding {
        let path = paths.iter().find(|it| self.now.is_written(id, it));
        let place = match (path, used.still.first()) {
            (Some(path), _) => self.now.project.key_place(id, path),
            (None, Some(place)) => *place,
            (None, None) => self.beginning(id),
        };
        self.now.found(rule, place, message).component(id)
    }

    /// The beginning of a component's file, or of `taiwa.yaml`, or of any file.
    fn beginning(&self, id: &ComponentId) -> Place {
        let workspace = ComponentId::new(Kind::Workspace, "taiwa");
        let documents = &self.now.project.documents;
        let file = [id, &workspace].into_iter().find_map(|it| documents.get(it)).map(|it| it.file);
        let file = file.unwrap_or_default();
        let text = self.now.project.sources.iter().find(|it| it.0 == file).map(|it| &it.1.text);
        let line = text.and_then(|it| it.lines().next()).map_or(0, str::len);
        Place { file, span: Span::new(0, u32::try_from(line).unwrap_or(u32::MAX)) }
    }

    /// Where something stood: `it stood in channels/web-store/channel.yaml:8 of main (1a2b3c4d)`.
    pub fn stood(&self, id: &ComponentId, path: &str) -> Text {
        let name = self.then.name();
        match self.line(id, path) {
            Some(at) => {
                say!(en: "it stood in {at} of {name}", ja: "{name} では {at} にありました")
            }
            None => say!(en: "it was in {name}", ja: "{name} にはありました"),
        }
    }

    /// `channels/web-store/channel.yaml:8`, as it was.
    fn line(&self, id: &ComponentId, path: &str) -> Option<String> {
        let project = &self.then.project;
        let place = project.documents.get(id)?.key_place(path);
        let sources = project.sources.iter();
        let source: &Source = sources.into_iter().find(|it| it.0 == place.file)?.1;
        Some(format!("{}:{}", source.path, source.position(place.span.start).line))
    }
}

/// Two sentences in one.
pub(crate) fn joined(one: &Text, other: &Text) -> Text {
    let both = |language| format!("{}; {}", one.to(language), other.to(language));
    Text::new(both(Language::En), both(Language::Ja))
}

/// One step less grave: what nobody is known to be hurt by.
pub(crate) fn lowered(mut finding: Finding) -> Finding {
    finding.severity = match finding.severity {
        Severity::Error => Severity::Warning,
        _ => Severity::Info,
    };
    finding
}

impl Used {
    /// Whether a touchpoint file names it.
    pub fn is_declared(&self) -> bool {
        !self.names.is_empty()
    }

    /// The touchpoints, in words.
    pub fn said(&self) -> Text {
        let names = format!("`{}`", self.names.join("`, `"));
        match self.names.len() {
            0 => say!(
                en: "no touchpoint file names it, so nobody knows who uses it",
                ja: "タッチポイントのファイルに記載がないため、誰が使っているかわかりません"
            ),
            1 => {
                say!(en: "touchpoint {names} uses it", ja: "タッチポイント {names} が使っています")
            }
            _ => {
                say!(en: "touchpoints {names} use it", ja: "タッチポイント {names} が使っています")
            }
        }
    }
}
