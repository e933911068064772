"""What a training run keeps on disk: log, progress, checkpoints. A run that was cut off goes on from here."""

import json
import os
from pathlib import Path

import torch

from .adapter import Adapter


class RunFolder:
    """`progress` is saved after every step; log lines written after the last save are dropped on opening."""

    def __init__(self, folder, settings):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_file, self.progress_file = self.folder / "log.jsonl", self.folder / "progress.json"
        self.progress = {"settings": settings, "stage": 0, "step": 0, "history": [], "dev": [], "best": None, "logged": 0}
        if self.progress_file.exists():
            self.progress = json.loads(self.progress_file.read_text())
            if not goes_on(self.progress["settings"], json.loads(json.dumps(settings))):
                raise SystemExit(f"{folder} was begun with other settings. Choose another --out, or delete it.")
            self.progress["settings"] = settings
            os.truncate(self.log_file, self.progress["logged"])
        else:
            self.log_file.write_bytes(b"")

    def log(self, **values):
        with open(self.log_file, "a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        shown = {key: value for key, value in values.items() if key != "samples"}
        print(json.dumps(shown), flush=True)

    def save(self):
        self.progress["logged"] = self.log_file.stat().st_size
        temporary = self.progress_file.with_suffix(".part")
        temporary.write_text(json.dumps(self.progress, indent=1))
        os.replace(temporary, self.progress_file)

    def save_state(self, adapter, optimizer):
        """Everything that the next step needs, and then the progress, which names it."""
        torch.save({"adapter": adapter.state(), "optimizer": optimizer.state_dict()}, self.state_file())
        self.save()
        for other in self.folder.glob("state-*.pt"):
            if other != self.state_file():
                other.unlink()

    def load_state(self, adapter, optimizer):
        """Fills in what the last step of this stage saved, if there was one."""
        if self.progress["step"] == 0:
            return
        state = torch.load(self.state_file(), weights_only=True)
        for factor, name in zip(adapter.parameters(), adapter.state()):
            factor.data.copy_(state["adapter"][name])
        optimizer.load_state_dict(state["optimizer"])

    def state_file(self):
        return self.folder / f"state-{self.progress['stage']}-{self.progress['step']}.pt"

    def end_stage(self):
        self.progress.update(stage=self.progress["stage"] + 1, step=0, history=[])
        self.save()
        for state in self.folder.glob("state-*.pt"):
            state.unlink()

    def stage_file(self, name):
        return self.folder / f"stage{self.progress['stage']}-{name}"

    def best(self):
        return self.progress["best"]

    def best_adapter(self):
        return Adapter.load(self.folder / self.best()["folder"]) if self.best() else None

    def offer(self, adapter, score, **values):
        """Keeps the adapter if it is the best so far on the development questions."""
        if self.best() and self.best()["score"] >= score:
            return
        folder = f"best-{self.progress['stage']}-{self.progress['step']}"
        adapter.save(self.folder / folder)
        self.progress["best"] = {"folder": folder, "score": score, **values}



def goes_on(before, now):
    """Whether a run begun with the settings `before` may go on with `now`: stages may have been added at the end.

    A setting that is new since then does not count where the stages already run lack it.
    """
    rest = lambda settings: {key: value for key, value in settings.items() if key != "stages"}
    begun = before.get("stages", [])
    known = [{key: value for key, value in stage.items() if key in old}
             for old, stage in zip(begun, now.get("stages", []))]
    return rest(before) == rest(now) and begun == known
