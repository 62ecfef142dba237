# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
from scipy import cluster, fft, interpolate, ndimage, signal, spatial, special

t = np.linspace(0, 1, 500, endpoint=False)
wave = np.sin(2 * np.pi * 7 * t) + 0.3 * np.cos(2 * np.pi * 60 * t)
b, a = signal.butter(4, 20, fs=500)
smooth = signal.filtfilt(b, a, wave)
print(b, repr(float(smooth[123])), signal.find_peaks(smooth, height=0.5)[0])
frequency, power = signal.welch(wave, fs=500, nperseg=250)
print(frequency[power.argmax()], fft.dct([1.0, 2, 3, 4]), fft.next_fast_len(1021))
spline = interpolate.CubicSpline([0, 1, 2, 3], [1, 2, 0, 4])
print(spline([0.5, 1.5]), spline(1.5, 2), interpolate.PchipInterpolator([0, 1, 2], [0, 1, 4])(1.2))
points = np.random.default_rng(4).random((30, 2))
hull = spatial.ConvexHull(points)
print(repr(hull.volume), sorted(hull.vertices.tolist()), len(spatial.Delaunay(points).simplices))
print(spatial.KDTree(points).query([0.5, 0.5], k=3), spatial.distance.pdist(points[:3], "cityblock"))
print(spatial.transform.Rotation.from_euler("xyz", [90, 0, 45], degrees=True).as_quat())
print(cluster.hierarchy.fcluster(cluster.hierarchy.ward(points), 3, "maxclust"))
image = np.zeros((7, 7))
image[2:5, 2:5] = 1
print(ndimage.gaussian_filter(image, 1)[3], ndimage.label(image)[1], ndimage.distance_transform_edt(image)[3])
print(special.jv(0, 2.4048), special.gamma([0.5, 5]), special.erf(0.3), special.comb(10, 3, exact=True), special.zeta(3))
