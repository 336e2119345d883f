"""The demo association: invented agencies and people, and threads worth reading. Content lies in content/*.toml."""
