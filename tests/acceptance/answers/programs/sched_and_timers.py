# mode: "program"
# sandboxes: slot fresh
import sched
import time
from threading import Event, Timer

scheduler = sched.scheduler(time.monotonic, time.sleep)
scheduler.enter(0.02, 1, print, ("second",))
scheduler.enter(0.01, 1, print, ("first",))
scheduler.run()
done = Event()
Timer(0.01, done.set).start()
print(done.wait(3))
