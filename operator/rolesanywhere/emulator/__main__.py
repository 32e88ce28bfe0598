"""``python -m rolesanywhere.emulator``: the program, or what to install for it."""

import sys

if __name__ == "__main__":
    try:
        from rolesanywhere.emulator.program import main
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in {"moto", "werkzeug"}:
            raise
        sys.exit(
            f"rolesanywhere emulator: {package} is not installed; "
            "pip install 'rolesanywhere-operator[emulator]'"
        )
    sys.exit(main(sys.argv[1:]))
