# mode: "program"
# sandboxes: slot fresh
import sched
import time
from threading import Event, Timer

scheduler = sched.scheduler(time.monotonic, time.sleep)
start = time.monotonic()
scheduler.enterabs(start + 0.02, 1, print, ("second",))
scheduler.enterabs(start + 0.01, 1, print, ("first",))
scheduler.run()
done = Event()
Timer(0.01, done.set).start()
print(done.wait(3))
