//! The catalogue of templates: finding one by its code, and some by the beginning of a name.

use super::{Template, builtin};
use crate::settings::TemplateCode;

/// All templates of an installation, in the order of the picker: by name, Latin before Cyrillic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    templates: Vec<Template>,
}

impl Catalogue {
    /// The greatest number of finds: Telegram shows no more inline results (Bot API, `answerInlineQuery`).
    pub const MAX_FOUND: usize = 50;

    /// The templates that come with Tandem.
    #[must_use]
    pub fn builtin() -> Self {
        Self { templates: Vec::new() }.with_own(builtin::templates())
    }

    /// The catalogue with an operator's own templates. One whose code is there already takes its place.
    #[must_use]
    pub fn with_own(mut self, own: impl IntoIterator<Item = Template>) -> Self {
        for template in own {
            self.templates.retain(|other| other.code != template.code);
            self.templates.push(template);
        }
        self.templates.sort_by_cached_key(|template| (template.name().to_lowercase(), template.code.clone()));
        self
    }

    /// Every template, in the order of the picker.
    #[must_use]
    pub fn all(&self) -> &[Template] {
        &self.templates
    }

    /// The template of this code.
    #[must_use]
    pub fn find(&self, code: &TemplateCode) -> Option<&Template> {
        self.templates.iter().find(|template| template.code == *code)
    }

    /// The templates of which a name, or the code, begins with this text, whatever its case or script.
    ///
    /// A template whose code or name *is* the text is found alone. In names, blanks and signs may be left out.
    /// At most [`MAX_FOUND`](Self::MAX_FOUND), in the order of the picker; nothing for an empty text.
    #[must_use]
    pub fn search(&self, typed: &str) -> Vec<&Template> {
        let typed = typed.trim().to_lowercase();
        if typed.is_empty() {
            return Vec::new();
        }
        let all = || self.templates.iter();
        let of_this_code: Vec<_> = all().filter(|template| template.code.as_str() == typed).collect();
        let of_this_name: Vec<_> =
            all().filter(|template| spellings(template).any(|name| name == typed)).collect();
        if !of_this_code.is_empty() {
            return of_this_code;
        }
        if !of_this_name.is_empty() {
            return of_this_name;
        }
        let begins = |template: &&Template| {
            template.code.as_str().starts_with(&typed)
                || spellings(template).any(|name| name.starts_with(&typed))
        };
        all().filter(begins).take(Self::MAX_FOUND).collect()
    }
}

/// Each name as it is, and as letters and digits alone: a name with a blank could not be typed in an inline query.
fn spellings(template: &Template) -> impl Iterator<Item = String> {
    template.names.iter().flat_map(|name| {
        let name = name.to_lowercase();
        let bare = name.chars().filter(|c| c.is_alphanumeric()).collect();
        [name, bare]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn a_template_is_found_by_the_beginning_of_a_name_in_either_script_and_any_case() {
        for typed in ["multi", "MULTI", "муль", "МУЛЬ", "Мультифон"] {
            assert_eq!(codes(&Catalogue::builtin().search(typed)), ["multifon"], "{typed}");
        }
    }

    #[test]
    fn a_name_with_a_blank_or_a_sign_may_be_typed_without_it() {
        assert_eq!(codes(&Catalogue::builtin().search("mangoof")), ["mango"]);
        assert_eq!(codes(&Catalogue::builtin().search("fritzbox")), ["fritzbox"]);
        assert_eq!(codes(&Catalogue::builtin().search("voip.ms")), ["voipms"]);
    }

    #[test]
    fn a_name_typed_in_full_is_found_alone() {
        let own = ["sip", "sipper"].map(|code| template(code, &[code]));
        let catalogue = Catalogue::builtin().with_own(own);
        assert_eq!(codes(&catalogue.search("sip")), ["sip"]);
        assert!(catalogue.search("si").len() > 2);
    }

    #[test]
    fn several_templates_of_one_full_name_are_all_found() {
        let own =
            [template("one", &["Same"]), template("two", &["same"]), template("three", &["Same again"])];
        assert_eq!(codes(&Catalogue::builtin().with_own(own).search("SAME")), ["one", "two"]);
    }

    #[test]
    fn nothing_typed_finds_nothing() {
        assert!(Catalogue::builtin().search("  ").is_empty());
    }

    #[test]
    fn an_operators_template_takes_the_place_of_a_built_in_one() {
        let own = template("multifon", &["Our MultiFon"]);
        let catalogue = Catalogue::builtin().with_own([own.clone()]);
        assert_eq!(catalogue.find(&own.code), Some(&own));
        assert_eq!(catalogue.all().len(), Catalogue::builtin().all().len());
    }

    #[test]
    fn an_operator_needs_to_give_only_a_code_and_names() {
        let own: Template =
            serde_json::from_str(r#"{"code": "our-pbx", "names": ["Our PBX"]}"#).expect("it is a template");
        assert_eq!(own, template("our-pbx", &["Our PBX"]));
        assert!(own.needs_server());
        assert!(serde_json::from_str::<Template>(r#"{"code": "x", "names": [], "domian": "y"}"#).is_err());
    }

    #[test]
    fn no_more_is_found_than_telegram_shows() {
        let own = (0..80).map(|n| template(&format!("many-{n}"), &[&format!("Many {n}")]));
        assert_eq!(Catalogue::builtin().with_own(own).search("many").len(), Catalogue::MAX_FOUND);
    }

    #[test]
    fn there_are_at_least_twenty_five_templates_each_with_its_source_and_names_in_both_scripts() {
        let catalogue = Catalogue::builtin();
        assert!(catalogue.all().len() >= 25, "{}", catalogue.all().len());
        for template in catalogue.all() {
            let code = &template.code;
            assert!(template.source.contains("https://"), "{code} says where its settings come from");
            assert!(template.names[0].is_ascii(), "{code} shows a Latin name");
            let cyrillic =
                |name: &String| name.chars().any(|c| ('а'..='я').contains(&c) || ('А'..='Я').contains(&c));
            assert!(template.names.iter().any(cyrillic), "{code} is found in Cyrillic");
        }
    }

    #[test]
    fn every_built_in_code_finds_its_template_and_no_two_share_a_full_name() {
        let catalogue = Catalogue::builtin();
        let mut names = HashSet::new();
        for template in catalogue.all() {
            assert_eq!(catalogue.search(template.code.as_str()), [template]);
            for name in &template.names {
                assert!(names.insert(name.to_lowercase()), "{name} is the name of two");
                assert_eq!(catalogue.search(name), [template], "{name}");
            }
        }
    }

    #[test]
    fn the_picker_goes_from_a_to_z() {
        let catalogue = Catalogue::builtin();
        let names: Vec<_> = catalogue.all().iter().map(|template| template.name().to_lowercase()).collect();
        assert!(names.is_sorted());
    }

    proptest! {
        #[test]
        fn any_text_may_be_searched(typed in ".{0,40}") {
            prop_assert!(Catalogue::builtin().search(&typed).len() <= Catalogue::MAX_FOUND);
        }
    }

    fn template(code: &str, names: &[&str]) -> Template {
        Template {
            code: code.parse().expect("it is a code"),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            domain: None,
            proxy: None,
            transport: Default::default(),
            codecs: Default::default(),
            dtmf: Default::default(),
            rules: Default::default(),
            source: String::new(),
        }
    }

    fn codes<'a>(found: &[&'a Template]) -> Vec<&'a str> {
        found.iter().map(|template| template.code.as_str()).collect()
    }
}
