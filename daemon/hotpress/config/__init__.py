"""Settings (pydantic), reading (YAML with line numbers), rules (which rule for which file)."""
