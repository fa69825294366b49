"""One child process with limits on memory, CPU and time."""
