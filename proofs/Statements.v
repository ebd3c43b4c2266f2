(** What the theorems say, printed from the bounds in Python. Not to be edited: boundcheck prove --write. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Karimov Upper Ladder Euclid Lower Group Aggregators FalseAnyNorm FalseEuclid Exponentials Classes Coordinates Clustering Learning Searching Families Couplings SetFunctions.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* karimov: ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}, if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
(forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
<= 2%:R * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k)).
Definition ok_karimov : stmt_karimov := @Boundcheck.Karimov.karimov.
Print Assumptions Boundcheck.Karimov.karimov.

(* karimov-1-centroids: ‖mean_i x_i − mean_j z_j‖ = ‖Σ_i x_i − Σ_j z_j‖ / n, if n = p = q *)
Definition stmt_karimov_1_centroids : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z : 'I_n.+1 -> V),
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
= N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) / n.+1%:R.
Definition ok_karimov_1_centroids : stmt_karimov_1_centroids := @Boundcheck.Karimov.karimov_1_centroids.
Print Assumptions Boundcheck.Karimov.karimov_1_centroids.

(* karimov-2-triangle: ‖Σ_i x_i − Σ_j z_j‖ / n ≤ mean_l ‖x_l − z_l‖, if n = p = q *)
Definition stmt_karimov_2_triangle : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z : 'I_n.+1 -> V),
N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) / n.+1%:R
<= n.+1%:R^-1 * (\sum_(l < n.+1) N (x l - z l)).
Definition ok_karimov_2_triangle : stmt_karimov_2_triangle := @Boundcheck.Karimov.karimov_2_triangle.
Print Assumptions Boundcheck.Karimov.karimov_2_triangle.

(* karimov-3-triplets: mean_l ‖x_l − z_l‖ ≤ mean_l (‖x_l − w_l‖ + m), if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_3_triplets : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
(forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
n.+1%:R^-1 * (\sum_(l < n.+1) N (x l - z l))
<= n.+1%:R^-1 * (\sum_(l < n.+1) (N (x l - w l) + m)).
Definition ok_karimov_3_triplets : stmt_karimov_3_triplets := @Boundcheck.Karimov.karimov_3_triplets.
Print Assumptions Boundcheck.Karimov.karimov_3_triplets.

(* karimov-4-farthest: mean_l (‖x_l − w_l‖ + m) ≤ m + max_{i,k} ‖x_i − w_k‖, if n = p = q *)
Definition stmt_karimov_4_farthest : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x w : 'I_n.+1 -> V) (m : R),
n.+1%:R^-1 * (\sum_(l < n.+1) (N (x l - w l) + m))
<= m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x
  i - w ord0)]_(k < n.+1) N (x i - w k)).
Definition ok_karimov_4_farthest : stmt_karimov_4_farthest := @Boundcheck.Karimov.karimov_4_farthest.
Print Assumptions Boundcheck.Karimov.karimov_4_farthest.

(* karimov-5-twice: m + max_{i,k} ‖x_i − w_k‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖} *)
Definition stmt_karimov_5_twice : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x i
  - w ord0)]_(k < q.+1) N (x i - w k))
<= 2%:R * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_karimov_5_twice : stmt_karimov_5_twice := @Boundcheck.Karimov.karimov_5_twice.
Print Assumptions Boundcheck.Karimov.karimov_5_twice.

(* karimov-any-sizes: ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_any_sizes : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))
<= 2%:R * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_karimov_any_sizes : stmt_karimov_any_sizes := @Boundcheck.Karimov.karimov_any_sizes.
Print Assumptions Boundcheck.Karimov.karimov_any_sizes.

(* karimov-any-sizes-1-triangle: ‖mean_i x_i − mean_j z_j‖ ≤ mean_{i,j} ‖x_i − z_j‖ *)
Definition stmt_karimov_any_sizes_1_triangle : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))
<= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) N (x i - z j))).
Definition ok_karimov_any_sizes_1_triangle : stmt_karimov_any_sizes_1_triangle := @Boundcheck.Karimov.karimov_any_sizes_1_triangle.
Print Assumptions Boundcheck.Karimov.karimov_any_sizes_1_triangle.

(* karimov-any-sizes-2-triplets: mean_{i,j} ‖x_i − z_j‖ ≤ m + mean_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_any_sizes_2_triplets : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) N (x i - z j)))
<= m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_karimov_any_sizes_2_triplets : stmt_karimov_any_sizes_2_triplets := @Boundcheck.Karimov.karimov_any_sizes_2_triplets.
Print Assumptions Boundcheck.Karimov.karimov_any_sizes_2_triplets.

(* karimov-any-sizes-3-farthest: m + mean_i min_k ‖x_i − w_k‖ ≤ m + max_{i,k} ‖x_i − w_k‖ *)
Definition stmt_karimov_any_sizes_3_farthest : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))
<= m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x
  i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_karimov_any_sizes_3_farthest : stmt_karimov_any_sizes_3_farthest := @Boundcheck.Karimov.karimov_any_sizes_3_farthest.
Print Assumptions Boundcheck.Karimov.karimov_any_sizes_3_farthest.

(* karimov-any-sizes-4-twice: m + max_{i,k} ‖x_i − w_k‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖} *)
Definition stmt_karimov_any_sizes_4_twice : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x i
  - w ord0)]_(k < q.+1) N (x i - w k))
<= 2%:R * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_karimov_any_sizes_4_twice : stmt_karimov_any_sizes_4_twice := @Boundcheck.Karimov.karimov_any_sizes_4_twice.
Print Assumptions Boundcheck.Karimov.karimov_any_sizes_4_twice.

(* transport: ‖mean_i x_i − mean_j z_j‖ ≤ W₁(x, z) *)
Definition stmt_transport : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
forall (P : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= P i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) P i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) P i j = p.+1%:R^-1) ->
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))
<= \sum_(i < n.+1) \sum_(j < p.+1) P i j * N (x i - z j).
Definition ok_transport : stmt_transport := @Boundcheck.Upper.transport.
Print Assumptions Boundcheck.Upper.transport.

(* chamfer: ‖mean_i x_i − mean_j z_j‖ ≤ m + mean_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_chamfer : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))
<= m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_chamfer : stmt_chamfer := @Boundcheck.Upper.chamfer.
Print Assumptions Boundcheck.Upper.chamfer.

(* hull: ‖Σ_i a_i x_i − Σ_j b_j z_j‖ ≤ m + Σ_i a_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_hull : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (b : 'I_p.+1 ->
  R) (m : R),
(forall (i : 'I_n.+1), 0 <= a i) ->
0 < \sum_(i < n.+1) a i ->
(forall (j : 'I_p.+1), 0 <= b j) ->
0 < \sum_(j < p.+1) b j ->
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N ((\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) *: x i) - (\sum_(j < p.+1) (b j / (\sum_(j' < p.+1) b j')) *:
  z j))
<= m + (\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) * (\big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w
  k))).
Definition ok_hull : stmt_hull := @Boundcheck.Upper.hull.
Print Assumptions Boundcheck.Upper.hull.

(* hausdorff: ‖Σ_i a_i x_i − Σ_j b_j z_j‖ ≤ m + max_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_hausdorff : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (b : 'I_p.+1 ->
  R) (m : R),
(forall (i : 'I_n.+1), 0 <= a i) ->
0 < \sum_(i < n.+1) a i ->
(forall (j : 'I_p.+1), 0 <= b j) ->
0 < \sum_(j < p.+1) b j ->
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N ((\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) *: x i) - (\sum_(j < p.+1) (b j / (\sum_(j' < p.+1) b j')) *:
  z j))
<= m + (\big[Num.max/(\big[Num.min/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.min/N (x
  i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_hausdorff : stmt_hausdorff := @Boundcheck.Upper.hausdorff.
Print Assumptions Boundcheck.Upper.hausdorff.

(* farthest: ‖mean_i x_i − mean_j z_j‖ ≤ m + max_{i,k} ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_farthest : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))
<= m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x
  i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_farthest : stmt_farthest := @Boundcheck.Ladder.farthest.
Print Assumptions Boundcheck.Ladder.farthest.

(* variance: ‖mean_i x_i − mean_j z_j‖^2 ≤ mean_i (m + min_k ‖x_i − w_k‖)^2 − mean_i ‖x_i − mean_i′ x_i′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_variance : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w
  k) (x i - w k)) <= m) ->
Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i <
  n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2
<= n.+1%:R^-1 * (\sum_(i < n.+1) (m + (\big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1)
  Num.sqrt (ip (x i - w k) (x i - w k)))) ^+ 2) - n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *:
  (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2).
Definition ok_variance : stmt_variance := @Boundcheck.Euclid.variance.
Print Assumptions Boundcheck.Euclid.variance.

(* two-sided: ‖mean_i x_i − mean_j z_j‖^2 ≤ mean_{i,j} min{m + min_k ‖x_i − w_k‖, m′ + min_k ‖z_j − w_k‖}^2 − mean_i ‖x_i − mean_i′ x_i′‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k and ‖z_j − x_i‖ − ‖z_j − w_k‖ ≤ m′ for all i, j, k *)
Definition stmt_two_sided : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w
  k) (x i - w k)) <= m) ->
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (z j - x i) (z j - x i)) - Num.sqrt (ip (z j - w
  k) (z j - w k)) <= m') ->
Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i <
  n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2
<= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.min (m + (\big[Num.min/Num.sqrt (ip (x i - w
  ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k)))) (m' + (\big[Num.min/Num.sqrt (ip (z j
  - w ord0) (z j - w ord0))]_(k < q.+1) Num.sqrt (ip (z j - w k) (z j - w k)))) ^+ 2)) - n.+1%:R^-1 * (\sum_(i <
  n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')))
  ^+ 2) - p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j')) (z j -
  p.+1%:R^-1 *: (\sum_(j' < p.+1) z j'))) ^+ 2).
Definition ok_two_sided : stmt_two_sided := @Boundcheck.Euclid.two_sided.
Print Assumptions Boundcheck.Euclid.two_sided.

(* centroid-identity: ‖mean_i x_i − mean_j z_j‖^2 = mean_{i,j} ‖x_i − z_j‖^2 − mean_i ‖x_i − mean_i′ x_i′‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2 *)
Definition stmt_centroid_identity : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i <
  n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2
= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (x i - z j) (x i - z j)) ^+ 2)) -
  n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *:
  (\sum_(i' < n.+1) x i'))) ^+ 2) - p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' <
  p.+1) z j')) (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j'))) ^+ 2).
Definition ok_centroid_identity : stmt_centroid_identity := @Boundcheck.Euclid.centroid_identity.
Print Assumptions Boundcheck.Euclid.centroid_identity.

(* separation: −m·(2·mean_{i,k} ‖x_i − w_k‖ + m) ≤ ‖mean_i x_i − mean_k w_k‖^2, if ‖x_i − x_i′‖ − ‖x_i − w_k‖ ≤ m for all i, i′, k and ‖w_k − w_k′‖ − ‖w_k − x_i‖ ≤ m for all i, k, k′ *)
Definition stmt_separation : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i i' : 'I_n.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - x i') (x i - x i')) - Num.sqrt (ip (x i - w k) (x i -
  w k)) <= m) ->
(forall (i : 'I_n.+1) (k k' : 'I_q.+1), Num.sqrt (ip (w k - w k') (w k - w k')) - Num.sqrt (ip (w k - x i) (w k -
  x i)) <= m) ->
- (m * (2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w
  k))))) + m))
<= Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *:
  (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))) ^+ 2.
Definition ok_separation : stmt_separation := @Boundcheck.Lower.separation.
Print Assumptions Boundcheck.Lower.separation.

(* margin: −m ≤ ‖mean_i x_i − mean_k w_k‖, if ‖x_i − x_i′‖ − ‖x_i − w_k‖ ≤ m for all i, i′, k and ‖w_k − w_k′‖ − ‖w_k − x_i‖ ≤ m for all i, k, k′ *)
Definition stmt_margin : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i i' : 'I_n.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - x i') (x i - x i')) - Num.sqrt (ip (x i - w k) (x i -
  w k)) <= m) ->
(forall (i : 'I_n.+1) (k k' : 'I_q.+1), Num.sqrt (ip (w k - w k') (w k - w k')) - Num.sqrt (ip (w k - x i) (w k -
  x i)) <= m) ->
- m
<= Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *:
  (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))).
Definition ok_margin : stmt_margin := @Boundcheck.Lower.margin.
Print Assumptions Boundcheck.Lower.margin.

(* spread: mean_{i,k} ‖x_i − w_k‖ − mean_{i,i′} ‖x_i − x_i′‖ − mean_{k,k′} ‖w_k − w_k′‖ ≤ ‖mean_i x_i − mean_k w_k‖ *)
Definition stmt_spread : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V),
n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (x i - w k))) - n.+1%:R^-1 * (\sum_(i < n.+1)
  n.+1%:R^-1 * (\sum_(i' < n.+1) N (x i - x i'))) - q.+1%:R^-1 * (\sum_(k < q.+1) q.+1%:R^-1 * (\sum_(k' < q.+1) N
  (w k - w k')))
<= N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)).
Definition ok_spread : stmt_spread := @Boundcheck.Upper.spread.
Print Assumptions Boundcheck.Upper.spread.

(* hulls: dist(hull x, hull w) ≤ ‖Σ_i a_i x_i − Σ_k c_k w_k‖ *)
Definition stmt_hulls : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (c : 'I_q.+1 -> R),
(forall (i : 'I_n.+1), 0 <= a i) ->
0 < \sum_(i < n.+1) a i ->
(forall (k : 'I_q.+1), 0 <= c k) ->
0 < \sum_(k < q.+1) c k ->
forall (u : V), Num.sqrt (ip u u) <= 1 ->
(\big[Num.min/ip u (x ord0)]_(i < n.+1) ip u (x i)) - (\big[Num.max/ip u (w ord0)]_(k < q.+1) ip u (w k))
<= Num.sqrt (ip ((\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) *: x i) - (\sum_(k < q.+1) (c k / (\sum_(k' <
  q.+1) c k')) *: w k)) ((\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) *: x i) - (\sum_(k < q.+1) (c k /
  (\sum_(k' < q.+1) c k')) *: w k))).
Definition ok_hulls : stmt_hulls := @Boundcheck.Lower.hulls.
Print Assumptions Boundcheck.Lower.hulls.

(* group: −m·(2·mean_{i,k} ‖x_i − w_k‖ + m) + mean_j ‖z_j − mean_j′ z_j′‖^2 − mean_k ‖w_k − mean_k′ w_k′‖^2 ≤ ‖mean_i x_i − mean_k w_k‖^2 − ‖mean_i x_i − mean_j z_j‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_group : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w
  k) (x i - w k)) <= m) ->
- (m * (2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w
  k))))) + m)) + p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j')) (z j -
  p.+1%:R^-1 *: (\sum_(j' < p.+1) z j'))) ^+ 2) - q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (w k - q.+1%:R^-1 *:
  (\sum_(k' < q.+1) w k')) (w k - q.+1%:R^-1 *: (\sum_(k' < q.+1) w k'))) ^+ 2)
<= Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *:
  (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))) ^+ 2 - Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i <
  n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j
  < p.+1) z j))) ^+ 2.
Definition ok_group : stmt_group := @Boundcheck.Group.group.
Print Assumptions Boundcheck.Group.group.

(* sum: ‖Σ_i x_i − Σ_j z_j‖ ≤ n·(m + mean_i min_k ‖x_i − w_k‖), if n = p and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_sum : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i j : 'I_n.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j))
<= n.+1%:R * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))).
Definition ok_sum : stmt_sum := @Boundcheck.Aggregators.sum.
Print Assumptions Boundcheck.Aggregators.sum.

(* coordinate-max: ‖max_i x_i − max_j z_j‖ ≤ m + max_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_max : Prop :=
forall (R : realFieldType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|) -
  (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
(\big[Num.max/0]_(l < d.+1) `|(\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.max/z ord0 0 l]_(j < p.+1)
  z j 0 l)|)
<= m + (\big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w ord0 0 l|)]_(k < q.+1)
  \big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w k 0 l|)]_(i < n.+1) \big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0
  l - w ord0 0 l|)]_(k < q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|).
Definition ok_coordinate_max : stmt_coordinate_max := @Boundcheck.Aggregators.coordinate_max.
Print Assumptions Boundcheck.Aggregators.coordinate_max.

(* coordinate-min: ‖min_i x_i − min_j z_j‖ ≤ m + max_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_min : Prop :=
forall (R : realFieldType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|) -
  (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
(\big[Num.max/0]_(l < d.+1) `|(\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.min/z ord0 0 l]_(j < p.+1)
  z j 0 l)|)
<= m + (\big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w ord0 0 l|)]_(k < q.+1)
  \big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w k 0 l|)]_(i < n.+1) \big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0
  l - w ord0 0 l|)]_(k < q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|).
Definition ok_coordinate_min : stmt_coordinate_min := @Boundcheck.Aggregators.coordinate_min.
Print Assumptions Boundcheck.Aggregators.coordinate_min.

(* coordinate-median: ‖median_i x_i − median_j z_j‖ ≤ m + max_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_median : Prop :=
forall (R : realFieldType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|) -
  (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
(\big[Num.max/0]_(l < d.+1) `|(nth 0 (sort <=%O [seq x i 0 l | i <- enum 'I_n.+1]) n./2 + nth 0 (sort <=%O [seq x
  i 0 l | i <- enum 'I_n.+1]) (n.+1)./2) / 2%:R - (nth 0 (sort <=%O [seq z j 0 l | j <- enum 'I_p.+1]) p./2 + nth
  0 (sort <=%O [seq z j 0 l | j <- enum 'I_p.+1]) (p.+1)./2) / 2%:R|)
<= m + (\big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w ord0 0 l|)]_(k < q.+1)
  \big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w k 0 l|)]_(i < n.+1) \big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0
  l - w ord0 0 l|)]_(k < q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|).
Definition ok_coordinate_median : stmt_coordinate_median := @Boundcheck.Aggregators.coordinate_median.
Print Assumptions Boundcheck.Aggregators.coordinate_median.

(* coordinate-max-euclidean: ‖max_i x_i − max_j z_j‖ ≤ √(D)·(m + max_i min_k ‖x_i − w_k‖), if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_max_euclidean : Prop :=
forall (R : rcfType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2) - Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2) <= m) ->
Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.max/z ord0 0 l]_(j < p.+1) z
  j 0 l)) ^+ 2)
<= Num.sqrt d.+1%:R * (m + (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w ord0 0 l) ^+
  2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w k 0 l) ^+ 2))]_(i < n.+1) \big[Num.min/Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2))).
Definition ok_coordinate_max_euclidean : stmt_coordinate_max_euclidean := @Boundcheck.Aggregators.coordinate_max_euclidean.
Print Assumptions Boundcheck.Aggregators.coordinate_max_euclidean.

(* coordinate-min-euclidean: ‖min_i x_i − min_j z_j‖ ≤ √(D)·(m + max_i min_k ‖x_i − w_k‖), if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_min_euclidean : Prop :=
forall (R : rcfType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2) - Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2) <= m) ->
Num.sqrt (\sum_(l < d.+1) ((\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.min/z ord0 0 l]_(j < p.+1) z
  j 0 l)) ^+ 2)
<= Num.sqrt d.+1%:R * (m + (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w ord0 0 l) ^+
  2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w k 0 l) ^+ 2))]_(i < n.+1) \big[Num.min/Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2))).
Definition ok_coordinate_min_euclidean : stmt_coordinate_min_euclidean := @Boundcheck.Aggregators.coordinate_min_euclidean.
Print Assumptions Boundcheck.Aggregators.coordinate_min_euclidean.

(* coordinate-median-euclidean: ‖median_i x_i − median_j z_j‖ ≤ √(D)·(m + max_i min_k ‖x_i − w_k‖), if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_median_euclidean : Prop :=
forall (R : rcfType) (d : nat),
forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
  R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2) - Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2) <= m) ->
Num.sqrt (\sum_(l < d.+1) ((nth 0 (sort <=%O [seq x i 0 l | i <- enum 'I_n.+1]) n./2 + nth 0 (sort <=%O [seq x i 0
  l | i <- enum 'I_n.+1]) (n.+1)./2) / 2%:R - (nth 0 (sort <=%O [seq z j 0 l | j <- enum 'I_p.+1]) p./2 + nth 0
  (sort <=%O [seq z j 0 l | j <- enum 'I_p.+1]) (p.+1)./2) / 2%:R) ^+ 2)
<= Num.sqrt d.+1%:R * (m + (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w ord0 0 l) ^+
  2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w k 0 l) ^+ 2))]_(i < n.+1) \big[Num.min/Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2))).
Definition ok_coordinate_median_euclidean : stmt_coordinate_median_euclidean := @Boundcheck.Aggregators.coordinate_median_euclidean.
Print Assumptions Boundcheck.Aggregators.coordinate_median_euclidean.

(* normalised-mean: ‖(mean_i x_i) / ‖mean_i x_i‖ − (mean_j z_j) / ‖mean_j z_j‖‖ ≤ 2·(m + mean_i min_k ‖x_i − w_k‖) / max{‖mean_i x_i‖, ‖mean_j z_j‖}, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_normalised_mean : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
N ((N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)))^-1 *: (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) - (N (p.+1%:R^-1 *:
  (\sum_(j < p.+1) z j)))^-1 *: (p.+1%:R^-1 *: (\sum_(j < p.+1) z j)))
<= 2%:R * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))) / Num.max
  (N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i))) (N (p.+1%:R^-1 *: (\sum_(j < p.+1) z j))).
Definition ok_normalised_mean : stmt_normalised_mean := @Boundcheck.Aggregators.normalised_mean.
Print Assumptions Boundcheck.Aggregators.normalised_mean.

(* lipschitz-head: ‖g(mean_i x_i) − g(mean_j z_j)‖ ≤ L·(m + mean_i min_k ‖x_i − w_k‖), if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k and ‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all u, v, where L ≥ 0 *)
Definition stmt_lipschitz_head : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (V' : lmodType R) (N' : V' -> R),
(forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
forall (g : V -> V'),
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (L m : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
0 <= L ->
(forall u v, N' (g u - g v) <= L * N (u - v)) ->
N' (g (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) - g (p.+1%:R^-1 *: (\sum_(j < p.+1) z j)))
<= L * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))).
Definition ok_lipschitz_head : stmt_lipschitz_head := @Boundcheck.Aggregators.lipschitz_head.
Print Assumptions Boundcheck.Aggregators.lipschitz_head.

(* two-sided-below-variance: mean_{i,j} min{m + min_k ‖x_i − w_k‖, m′ + min_k ‖z_j − w_k‖}^2 − mean_i ‖x_i − mean_i′ x_i′‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2 ≤ mean_i (m + min_k ‖x_i − w_k‖)^2 − mean_i ‖x_i − mean_i′ x_i′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k and ‖z_j − x_i‖ − ‖z_j − w_k‖ ≤ m′ for all i, j, k *)
Definition stmt_two_sided_below_variance : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w
  k) (x i - w k)) <= m) ->
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (z j - x i) (z j - x i)) - Num.sqrt (ip (z j - w
  k) (z j - w k)) <= m') ->
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.min (m + (\big[Num.min/Num.sqrt (ip (x i - w ord0)
  (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k)))) (m' + (\big[Num.min/Num.sqrt (ip (z j - w
  ord0) (z j - w ord0))]_(k < q.+1) Num.sqrt (ip (z j - w k) (z j - w k)))) ^+ 2)) - n.+1%:R^-1 * (\sum_(i < n.+1)
  Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2)
  - p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j')) (z j - p.+1%:R^-1 *:
  (\sum_(j' < p.+1) z j'))) ^+ 2)
<= n.+1%:R^-1 * (\sum_(i < n.+1) (m + (\big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1)
  Num.sqrt (ip (x i - w k) (x i - w k)))) ^+ 2) - n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *:
  (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2).
Definition ok_two_sided_below_variance : stmt_two_sided_below_variance := @Boundcheck.Ladder.two_sided_below_variance.
Print Assumptions Boundcheck.Ladder.two_sided_below_variance.

(* variance-below-chamfer: mean_i (m + min_k ‖x_i − w_k‖)^2 − mean_i ‖x_i − mean_i′ x_i′‖^2 ≤ (m + mean_i min_k ‖x_i − w_k‖)^2 *)
Definition stmt_variance_below_chamfer : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
n.+1%:R^-1 * (\sum_(i < n.+1) (m + (\big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt
  (ip (x i - w k) (x i - w k)))) ^+ 2) - n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i'
  < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2)
<= (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1)
  Num.sqrt (ip (x i - w k) (x i - w k)))) ^+ 2.
Definition ok_variance_below_chamfer : stmt_variance_below_chamfer := @Boundcheck.Ladder.variance_below_chamfer.
Print Assumptions Boundcheck.Ladder.variance_below_chamfer.

(* chamfer-below-hausdorff: m + mean_i min_k ‖x_i − w_k‖ ≤ m + max_i min_k ‖x_i − w_k‖ *)
Definition stmt_chamfer_below_hausdorff : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))
<= m + (\big[Num.max/(\big[Num.min/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.min/N (x
  i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_chamfer_below_hausdorff : stmt_chamfer_below_hausdorff := @Boundcheck.Upper.chamfer_below_hausdorff.
Print Assumptions Boundcheck.Upper.chamfer_below_hausdorff.

(* hausdorff-below-farthest: m + max_i min_k ‖x_i − w_k‖ ≤ m + max_{i,k} ‖x_i − w_k‖ *)
Definition stmt_hausdorff_below_farthest : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
m + (\big[Num.max/(\big[Num.min/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.min/N (x i
  - w ord0)]_(k < q.+1) N (x i - w k))
<= m + (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.max/N (x
  i - w ord0)]_(k < q.+1) N (x i - w k)).
Definition ok_hausdorff_below_farthest : stmt_hausdorff_below_farthest := @Boundcheck.Upper.hausdorff_below_farthest.
Print Assumptions Boundcheck.Upper.hausdorff_below_farthest.

(* chamfer-below-transport: mean_i min_k ‖x_i − w_k‖ ≤ W₁(x, w) *)
Definition stmt_chamfer_below_transport : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V),
forall (P : 'I_n.+1 -> 'I_q.+1 -> R),
(forall (i : 'I_n.+1) (k : 'I_q.+1), 0 <= P i k) ->
(forall (i : 'I_n.+1), \sum_(k < q.+1) P i k = n.+1%:R^-1) ->
(forall (k : 'I_q.+1), \sum_(i < n.+1) P i k = q.+1%:R^-1) ->
n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))
<= \sum_(i < n.+1) \sum_(k < q.+1) P i k * N (x i - w k).
Definition ok_chamfer_below_transport : stmt_chamfer_below_transport := @Boundcheck.Upper.chamfer_below_transport.
Print Assumptions Boundcheck.Upper.chamfer_below_transport.

(* karimov-199: not: ‖mean_i x_i − mean_j z_j‖ ≤ 199/100·max{m, max_{i,k} ‖x_i − w_k‖}, if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_199 : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
  (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
  <= (199%:R / 100%:R) * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i
    < n.+1) \big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k))).
Definition ok_karimov_199 : stmt_karimov_199 := @Boundcheck.FalseAnyNorm.karimov_199_false.
Print Assumptions Boundcheck.FalseAnyNorm.karimov_199_false.

(* karimov-nearest: not: ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, min_{i,k} ‖x_i − w_k‖}, if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_nearest : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
  (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
  <= 2%:R * Num.max m (\big[Num.min/(\big[Num.min/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)
    \big[Num.min/N (x i - w ord0)]_(k < n.+1) N (x i - w k))).
Definition ok_karimov_nearest : stmt_karimov_nearest := @Boundcheck.FalseAnyNorm.karimov_nearest_false.
Print Assumptions Boundcheck.FalseAnyNorm.karimov_nearest_false.

(* karimov-smaller: not: ‖mean_i x_i − mean_j z_j‖ ≤ 2·min{m, max_{i,k} ‖x_i − w_k‖}, if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_karimov_smaller : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
  (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
  <= 2%:R * Num.min m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)
    \big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k))).
Definition ok_karimov_smaller : stmt_karimov_smaller := @Boundcheck.FalseAnyNorm.karimov_smaller_false.
Print Assumptions Boundcheck.FalseAnyNorm.karimov_smaller_false.

(* karimov-without-premise: not: ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}, if n = p = q *)
Definition stmt_karimov_without_premise : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(j < n.+1) z j))
  <= 2%:R * Num.max m (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)
    \big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k))).
Definition ok_karimov_without_premise : stmt_karimov_without_premise := @Boundcheck.FalseAnyNorm.karimov_without_premise_false.
Print Assumptions Boundcheck.FalseAnyNorm.karimov_without_premise_false.

(* sum-any-sizes: not: ‖Σ_i x_i − Σ_j z_j‖ ≤ n·(m + mean_i min_k ‖x_i − w_k‖), if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_sum_any_sizes : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N ((\sum_(i < n.+1) x i) - (\sum_(j < p.+1) z j))
  <= n.+1%:R * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)))).
Definition ok_sum_any_sizes : stmt_sum_any_sizes := @Boundcheck.FalseAnyNorm.sum_any_sizes_false.
Print Assumptions Boundcheck.FalseAnyNorm.sum_any_sizes_false.

(* variance-any-norm: not: ‖mean_i x_i − mean_j z_j‖^2 ≤ mean_i (m + min_k ‖x_i − w_k‖)^2 − mean_i ‖x_i − mean_i′ x_i′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_variance_any_norm : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) ^+ 2
  <= n.+1%:R^-1 * (\sum_(i < n.+1) (m + (\big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))) ^+ 2) -
    n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) ^+ 2)).
Definition ok_variance_any_norm : stmt_variance_any_norm := @Boundcheck.FalseEuclid.variance_any_norm_false.
Print Assumptions Boundcheck.FalseEuclid.variance_any_norm_false.

(* variance-sup-norm: not: ‖mean_i x_i − mean_j z_j‖^2 ≤ mean_i (m + min_k ‖x_i − w_k‖)^2 − mean_i ‖x_i − mean_i′ x_i′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_variance_sup_norm : Prop :=
~ (
  forall (R : realFieldType) (d : nat),
  forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
    R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|) -
    (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
  (\big[Num.max/0]_(l < d.+1) `|n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l) - p.+1%:R^-1 * (\sum_(j < p.+1) z j 0 l)|) ^+
    2
  <= n.+1%:R^-1 * (\sum_(i < n.+1) (m + (\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0 l - w ord0 0 l|)]_(k <
    q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|)) ^+ 2) - n.+1%:R^-1 * (\sum_(i < n.+1)
    (\big[Num.max/0]_(l < d.+1) `|x i 0 l - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 l)|) ^+ 2)).
Definition ok_variance_sup_norm : stmt_variance_sup_norm := @Boundcheck.FalseEuclid.variance_sup_norm_false.
Print Assumptions Boundcheck.FalseEuclid.variance_sup_norm_false.

(* separation-any-norm: not: −m·(2·mean_{i,k} ‖x_i − w_k‖ + m) ≤ ‖mean_i x_i − mean_k w_k‖^2, if ‖x_i − x_i′‖ − ‖x_i − w_k‖ ≤ m for all i, i′, k and ‖w_k − w_k′‖ − ‖w_k − x_i‖ ≤ m for all i, k, k′ *)
Definition stmt_separation_any_norm : Prop :=
~ (
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), N (x i - x i') - N (x i - w k) <= m) ->
  (forall (i : 'I_n.+1) (k k' : 'I_q.+1), N (w k - w k') - N (w k - x i) <= m) ->
  - (m * (2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (x i - w k)))) + m))
  <= N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) ^+ 2).
Definition ok_separation_any_norm : stmt_separation_any_norm := @Boundcheck.FalseEuclid.separation_any_norm_false.
Print Assumptions Boundcheck.FalseEuclid.separation_any_norm_false.

(* separation-sup-norm: not: −m·(2·mean_{i,k} ‖x_i − w_k‖ + m) ≤ ‖mean_i x_i − mean_k w_k‖^2, if ‖x_i − x_i′‖ − ‖x_i − w_k‖ ≤ m for all i, i′, k and ‖w_k − w_k′‖ − ‖w_k − x_i‖ ≤ m for all i, k, k′ *)
Definition stmt_separation_sup_norm : Prop :=
~ (
  forall (R : realFieldType) (d : nat),
  forall (n q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|x i 0 l - x i' 0 l|) - (\big[Num.max/0]_(l <
    d.+1) `|x i 0 l - w k 0 l|) <= m) ->
  (forall (i : 'I_n.+1) (k k' : 'I_q.+1), (\big[Num.max/0]_(l < d.+1) `|w k 0 l - w k' 0 l|) - (\big[Num.max/0]_(l <
    d.+1) `|w k 0 l - x i 0 l|) <= m) ->
  - (m * (2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l -
    w k 0 l|))) + m))
  <= (\big[Num.max/0]_(l < d.+1) `|n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l) - q.+1%:R^-1 * (\sum_(k < q.+1) w k 0 l)|)
    ^+ 2).
Definition ok_separation_sup_norm : stmt_separation_sup_norm := @Boundcheck.FalseEuclid.separation_sup_norm_false.
Print Assumptions Boundcheck.FalseEuclid.separation_sup_norm_false.

(* two-sided-twice: not: ‖mean_i x_i − mean_j z_j‖^2 ≤ mean_{i,j} min{m + min_k ‖x_i − w_k‖, m′ + min_k ‖z_j − w_k‖}^2 − mean_i ‖x_i − mean_i′ x_i′‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k and ‖z_j − x_i‖ − ‖z_j − w_k‖ ≤ m′ for all i, j, k *)
Definition stmt_two_sided_twice : Prop :=
forall (R : rcfType),
~ (
  forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w
    k) (x i - w k)) <= m) ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (ip (z j - x i) (z j - x i)) - Num.sqrt (ip (z j - w
    k) (z j - w k)) <= m') ->
  Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i <
    n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2
  <= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.min (m + (\big[Num.min/Num.sqrt (ip (x i - w
    ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k)))) (m' + (\big[Num.min/Num.sqrt (ip (z j
    - w ord0) (z j - w ord0))]_(k < q.+1) Num.sqrt (ip (z j - w k) (z j - w k)))) ^+ 2)) - n.+1%:R^-1 * (\sum_(i <
    n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')))
    ^+ 2) - p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j')) (z j -
    p.+1%:R^-1 *: (\sum_(j' < p.+1) z j'))) ^+ 2) - p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *:
    (\sum_(j' < p.+1) z j')) (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j'))) ^+ 2)).
Definition ok_two_sided_twice : stmt_two_sided_twice := @Boundcheck.FalseEuclid.two_sided_twice_false.
Print Assumptions Boundcheck.FalseEuclid.two_sided_twice_false.

(* separation-alone: not: −m·(2·mean_{i,k} ‖x_i − w_k‖ + m) ≤ ‖mean_i x_i − mean_k w_k‖^2, if ‖x_i − x_i′‖ − ‖x_i − w_k‖ ≤ m for all i, i′, k *)
Definition stmt_separation_alone : Prop :=
forall (R : rcfType),
~ (
  forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), Num.sqrt (ip (x i - x i') (x i - x i')) - Num.sqrt (ip (x i - w k) (x i -
    w k)) <= m) ->
  - (m * (2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w
    k))))) + m))
  <= Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *:
    (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))) ^+ 2).
Definition ok_separation_alone : stmt_separation_alone := @Boundcheck.FalseEuclid.separation_alone_false.
Print Assumptions Boundcheck.FalseEuclid.separation_alone_false.

(* coordinate-max-without-root: not: ‖max_i x_i − max_j z_j‖ ≤ m + max_i min_k ‖x_i − w_k‖, if ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k *)
Definition stmt_coordinate_max_without_root : Prop :=
forall (R : rcfType),
~ (
  forall (d : nat),
  forall (n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m :
    R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2) - Num.sqrt
    (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2) <= m) ->
  Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.max/z ord0 0 l]_(j < p.+1) z
    j 0 l)) ^+ 2)
  <= m + (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt
    (\sum_(l < d.+1) (x ord0 0 l - w k 0 l) ^+ 2))]_(i < n.+1) \big[Num.min/Num.sqrt (\sum_(l < d.+1) (x i 0 l - w
    ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2))).
Definition ok_coordinate_max_without_root : stmt_coordinate_max_without_root := @Boundcheck.FalseEuclid.coordinate_max_without_root_false.
Print Assumptions Boundcheck.FalseEuclid.coordinate_max_without_root_false.

(* mean-classifier: mean_{c,c′′≠c,i} max{0, 1 − ⟨C_{c,i}, mean_i′ C_{c,i′} − mean_k C_{c′′,k}⟩} ≤ (mean_{c,c′,i,i′,j} max{0, 1 − ⟨C_{c,i}, C_{c,i′} − C_{c′,j}⟩} − K^(−1)) / (1 − K^(−1)) *)
Definition stmt_mean_classifier : Prop :=
forall (R : realFieldType) (d : nat),
forall (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> 'rV[R]_d.+1),
K.+2%:R^-1 * (\sum_(c < K.+2) K.+1%:R^-1 * (\sum_(c'' < K.+2 | c'' != c) (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
  Num.max 0 (1 - (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l) - (n c'').+1%:R^-1
  * (\sum_(k < (n c'').+1) C c'' k 0 l)))))))
<= (K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R^-1 * (\sum_(c' < K.+2) (n c).+1%:R^-1 * (\sum_(i < (n c).+1) (n
  c).+1%:R^-1 * (\sum_(i' < (n c).+1) (n c').+1%:R^-1 * (\sum_(j < (n c').+1) Num.max 0 (1 - (\sum_(l < d.+1) C c
  i 0 l * (C c i' 0 l - C c' j 0 l)))))))) - K.+2%:R^-1) / (1 - K.+2%:R^-1).
Definition ok_mean_classifier : stmt_mean_classifier := @Boundcheck.Classes.mean_classifier.
Print Assumptions Boundcheck.Classes.mean_classifier.

(* contrastive-duality: Σ_{t,t′≠t} (Σ_i (x_i)_t·(x_i)_t′)^2 + Σ_t (Σ_i (x_i)_t^2)^2 = Σ_{i,i′≠i} ⟨x_i, x_i′⟩^2 + Σ_i ⟨x_i, x_i⟩^2 *)
Definition stmt_contrastive_duality : Prop :=
forall (R : realFieldType) (d : nat),
forall (n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+2),
(\sum_(t < d.+2) \sum_(t' < d.+2 | t' != t) (\sum_(i < n.+2) x i 0 t * x i 0 t') ^+ 2) + (\sum_(t < d.+2) (\sum_(i
  < n.+2) x i 0 t ^+ 2) ^+ 2)
= (\sum_(i < n.+2) \sum_(i' < n.+2 | i' != i) (\sum_(l < d.+2) x i 0 l * x i' 0 l) ^+ 2) + (\sum_(i < n.+2)
  (\sum_(l < d.+2) x i 0 l * x i 0 l) ^+ 2).
Definition ok_contrastive_duality : stmt_contrastive_duality := @Boundcheck.Coordinates.contrastive_duality.
Print Assumptions Boundcheck.Coordinates.contrastive_duality.

(* participation-ratio: (Σ_t mean_i (x_i − mean_i′ x_i′)_t·(x_i − mean_i′ x_i′)_t)^2 ≤ D·Σ_{t,t′} (mean_i (x_i − mean_i′ x_i′)_t·(x_i − mean_i′ x_i′)_t′)^2 *)
Definition stmt_participation_ratio : Prop :=
forall (R : realFieldType) (d : nat),
forall (n : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1),
(\sum_(t < d.+1) n.+1%:R^-1 * (\sum_(i < n.+1) (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)) * (x i 0 t -
  n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)))) ^+ 2
<= d.+1%:R * (\sum_(t < d.+1) \sum_(t' < d.+1) (n.+1%:R^-1 * (\sum_(i < n.+1) (x i 0 t - n.+1%:R^-1 * (\sum_(i' <
  n.+1) x i' 0 t)) * (x i 0 t' - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t')))) ^+ 2).
Definition ok_participation_ratio : stmt_participation_ratio := @Boundcheck.Coordinates.participation_ratio.
Print Assumptions Boundcheck.Coordinates.participation_ratio.

(* prototype-margin: mean_i (‖x_i − mean_k w_k‖^2 − ‖x_i − mean_j z_j‖^2) = ‖mean_i x_i − mean_k w_k‖^2 − ‖mean_i x_i − mean_j z_j‖^2 *)
Definition stmt_prototype_margin : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
n.+1%:R^-1 * (\sum_(i < n.+1) (Num.sqrt (ip (x i - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (x i - q.+1%:R^-1 *:
  (\sum_(k < q.+1) w k))) ^+ 2 - Num.sqrt (ip (x i - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (x i - p.+1%:R^-1 *:
  (\sum_(j < p.+1) z j))) ^+ 2))
= Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *: (\sum_(i
  < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))) ^+ 2 - Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) -
  p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z
  j))) ^+ 2.
Definition ok_prototype_margin : stmt_prototype_margin := @Boundcheck.Clustering.prototype_margin.
Print Assumptions Boundcheck.Clustering.prototype_margin.

(* impostors: mean_{i,j,k} [‖x_i − w_k‖^2 ≤ ‖x_i − z_j‖^2] ≤ mean_{i,j,k} max{0, 1 + ‖x_i − z_j‖^2 − ‖x_i − w_k‖^2} *)
Definition stmt_impostors : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) q.+1%:R^-1 * (\sum_(k < q.+1) (if N (x i - w k) ^+ 2
  <= N (x i - z j) ^+ 2 then 1 else 0 : R))))
<= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.max 0 (1 + N (x i
  - z j) ^+ 2 - N (x i - w k) ^+ 2)))).
Definition ok_impostors : stmt_impostors := @Boundcheck.Learning.impostors.
Print Assumptions Boundcheck.Learning.impostors.

(* proxy-triplet: max{0, M − cos(x_i, z_j) + cos(x_i, w_k)} ≤ max{0, M − cos(x_i, y_j) + cos(x_i, v_k)} + 2·√(max{max_{j′} ‖z_j′ / ‖z_j′‖ − y_j′ / ‖y_j′‖‖^2, max_{k′} ‖w_k′ / ‖w_k′‖ − v_k′ / ‖v_k′‖‖^2}) for all i, j, k, if p = r and q = s *)
Definition stmt_proxy_triplet : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (y : 'I_p.+1 -> V) (v_ : 'I_q.+1 ->
  V) (M : R),
forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
Num.max 0 (M - ip (x i) (z j) / (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (z j) (z j))) + ip (x i) (w k) /
  (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (w k) (w k))))
<= Num.max 0 (M - ip (x i) (y j) / (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (y j) (y j))) + ip (x i) (v_ k) /
  (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (v_ k) (v_ k)))) + 2%:R * Num.sqrt (Num.max (\big[Num.max/(Num.sqrt
  (ip ((Num.sqrt (ip (z ord0) (z ord0)))^-1 *: z ord0 - (Num.sqrt (ip (y ord0) (y ord0)))^-1 *: y ord0) ((Num.sqrt
  (ip (z ord0) (z ord0)))^-1 *: z ord0 - (Num.sqrt (ip (y ord0) (y ord0)))^-1 *: y ord0)) ^+ 2)]_(j' < p.+1)
  Num.sqrt (ip ((Num.sqrt (ip (z j') (z j')))^-1 *: z j' - (Num.sqrt (ip (y j') (y j')))^-1 *: y j') ((Num.sqrt
  (ip (z j') (z j')))^-1 *: z j' - (Num.sqrt (ip (y j') (y j')))^-1 *: y j')) ^+ 2) (\big[Num.max/(Num.sqrt (ip
  ((Num.sqrt (ip (w ord0) (w ord0)))^-1 *: w ord0 - (Num.sqrt (ip (v_ ord0) (v_ ord0)))^-1 *: v_ ord0) ((Num.sqrt
  (ip (w ord0) (w ord0)))^-1 *: w ord0 - (Num.sqrt (ip (v_ ord0) (v_ ord0)))^-1 *: v_ ord0)) ^+ 2)]_(k' < q.+1)
  Num.sqrt (ip ((Num.sqrt (ip (w k') (w k')))^-1 *: w k' - (Num.sqrt (ip (v_ k') (v_ k')))^-1 *: v_ k') ((Num.sqrt
  (ip (w k') (w k')))^-1 *: w k' - (Num.sqrt (ip (v_ k') (v_ k')))^-1 *: v_ k')) ^+ 2)).
Definition ok_proxy_triplet : stmt_proxy_triplet := @Boundcheck.Learning.proxy_triplet.
Print Assumptions Boundcheck.Learning.proxy_triplet.

(* cosine-margin: 1 − max_{i,i′≠i} cos(x_i, x_i′) ≤ n / (n − 1) *)
Definition stmt_cosine_margin : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+1),
1 - (\big[Num.max/(\big[Num.max/((\sum_(l < d.+1) x ord0 0 l * x (lift ord0 ord0) 0 l) / (Num.sqrt (\sum_(l <
  d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift ord0 ord0) 0 l ^+ 2)))]_(i' < n.+2 | i' != ord0)
  ((\sum_(l < d.+1) x ord0 0 l * x i' 0 l) / (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l <
  d.+1) x i' 0 l ^+ 2))))]_(i < n.+2) \big[Num.max/((\sum_(l < d.+1) x i 0 l * x (lift i ord0) 0 l) / (Num.sqrt
  (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift i ord0) 0 l ^+ 2)))]_(i' < n.+2 | i' != i)
  ((\sum_(l < d.+1) x i 0 l * x i' 0 l) / (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x
  i' 0 l ^+ 2))))
<= n.+2%:R / (n.+2%:R - 1).
Definition ok_cosine_margin : stmt_cosine_margin := @Boundcheck.Coordinates.cosine_margin.
Print Assumptions Boundcheck.Coordinates.cosine_margin.

(* welch: (n − D) / (D·(n − 1)) ≤ max_{i,i′≠i} cos(x_i, x_i′)^2, if 0 < ‖x_i‖₂ for all i *)
Definition stmt_welch : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+1),
(forall (i : 'I_n.+2), 0 < Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2)) ->
(n.+2%:R - d.+1%:R) / (d.+1%:R * (n.+2%:R - 1))
<= \big[Num.max/(\big[Num.max/(((\sum_(l < d.+1) x ord0 0 l * x (lift ord0 ord0) 0 l) / (Num.sqrt (\sum_(l < d.+1)
  x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift ord0 ord0) 0 l ^+ 2))) ^+ 2)]_(i' < n.+2 | i' != ord0)
  ((\sum_(l < d.+1) x ord0 0 l * x i' 0 l) / (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l <
  d.+1) x i' 0 l ^+ 2))) ^+ 2)]_(i < n.+2) \big[Num.max/(((\sum_(l < d.+1) x i 0 l * x (lift i ord0) 0 l) /
  (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift i ord0) 0 l ^+ 2))) ^+ 2)]_(i' <
  n.+2 | i' != i) ((\sum_(l < d.+1) x i 0 l * x i' 0 l) / (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt
  (\sum_(l < d.+1) x i' 0 l ^+ 2))) ^+ 2.
Definition ok_welch : stmt_welch := @Boundcheck.Coordinates.welch.
Print Assumptions Boundcheck.Coordinates.welch.

(* chord: ‖x_i / ‖x_i‖ − z_j / ‖z_j‖‖^2 = 2 − 2·cos(x_i, z_j) for all i, j, if 0 < ‖x_i‖ for all i and 0 < ‖z_j‖ for all j *)
Definition stmt_chord : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
(forall (i : 'I_n.+1), 0 < Num.sqrt (ip (x i) (x i))) ->
(forall (j : 'I_p.+1), 0 < Num.sqrt (ip (z j) (z j))) ->
forall (i : 'I_n.+1) (j : 'I_p.+1),
Num.sqrt (ip ((Num.sqrt (ip (x i) (x i)))^-1 *: x i - (Num.sqrt (ip (z j) (z j)))^-1 *: z j) ((Num.sqrt (ip (x i)
  (x i)))^-1 *: x i - (Num.sqrt (ip (z j) (z j)))^-1 *: z j)) ^+ 2
= 2%:R - 2%:R * (ip (x i) (z j) / (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (z j) (z j)))).
Definition ok_chord : stmt_chord := @Boundcheck.Learning.chord.
Print Assumptions Boundcheck.Learning.chord.

(* parallelogram: ‖x_i + z_j‖^2 + ‖x_i − z_j‖^2 = 2·‖x_i‖^2 + 2·‖z_j‖^2 for all i, j *)
Definition stmt_parallelogram : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
forall (i : 'I_n.+1) (j : 'I_p.+1),
Num.sqrt (ip (x i + z j) (x i + z j)) ^+ 2 + Num.sqrt (ip (x i - z j) (x i - z j)) ^+ 2
= 2%:R * Num.sqrt (ip (x i) (x i)) ^+ 2 + 2%:R * Num.sqrt (ip (z j) (z j)) ^+ 2.
Definition ok_parallelogram : stmt_parallelogram := @Boundcheck.Learning.parallelogram.
Print Assumptions Boundcheck.Learning.parallelogram.

(* nearest-centroid-accuracy: max{0, mean_i (‖x_i − mean_k w_k‖^2 − ‖x_i − mean_j z_j‖^2)}^2 ≤ (mean_i [0 < ‖x_i − mean_k w_k‖^2 − ‖x_i − mean_j z_j‖^2])·mean_i (‖x_i − mean_k w_k‖^2 − ‖x_i − mean_j z_j‖^2)^2 *)
Definition stmt_nearest_centroid_accuracy : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
Num.max 0 (n.+1%:R^-1 * (\sum_(i < n.+1) (N (x i - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) ^+ 2 - N (x i - p.+1%:R^-1
  *: (\sum_(j < p.+1) z j)) ^+ 2))) ^+ 2
<= (n.+1%:R^-1 * (\sum_(i < n.+1) (if 0 < N (x i - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) ^+ 2 - N (x i - p.+1%:R^-1
  *: (\sum_(j < p.+1) z j)) ^+ 2 then 1 else 0 : R))) * (n.+1%:R^-1 * (\sum_(i < n.+1) (N (x i - q.+1%:R^-1 *:
  (\sum_(k < q.+1) w k)) ^+ 2 - N (x i - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) ^+ 2) ^+ 2)).
Definition ok_nearest_centroid_accuracy : stmt_nearest_centroid_accuracy := @Boundcheck.Learning.nearest_centroid_accuracy.
Print Assumptions Boundcheck.Learning.nearest_centroid_accuracy.

(* huygens: mean_{i,j} ‖x_i − z_j‖^2 − mean_j ‖z_j − mean_j′ z_j′‖^2 = mean_i ‖x_i − mean_i′ x_i′‖^2 + ‖mean_i x_i − mean_j z_j‖^2 *)
Definition stmt_huygens : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (x i - z j) (x i - z j)) ^+ 2)) -
  p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (z j - p.+1%:R^-1 *: (\sum_(j' < p.+1) z j')) (z j - p.+1%:R^-1 *:
  (\sum_(j' < p.+1) z j'))) ^+ 2)
= n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *:
  (\sum_(i' < n.+1) x i'))) ^+ 2) + Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j <
  p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2.
Definition ok_huygens : stmt_huygens := @Boundcheck.Clustering.huygens.
Print Assumptions Boundcheck.Clustering.huygens.

(* first-seed: mean_{i′,i} ‖x_i − x_i′‖^2 = 2·mean_i ‖x_i − mean_i′ x_i′‖^2 *)
Definition stmt_first_seed : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n : nat) (x : 'I_n.+1 -> V),
n.+1%:R^-1 * (\sum_(i' < n.+1) n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - x i') (x i - x i')) ^+ 2))
= 2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i -
  n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2)).
Definition ok_first_seed : stmt_first_seed := @Boundcheck.Clustering.first_seed.
Print Assumptions Boundcheck.Clustering.first_seed.

(* medoid-squared: min_{i′} mean_i ‖x_i − x_i′‖^2 ≤ 2·mean_i ‖x_i − mean_i′ x_i′‖^2 *)
Definition stmt_medoid_squared : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n : nat) (x : 'I_n.+1 -> V),
(\big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - x ord0) (x i - x ord0)) ^+ 2))]_(i' < n.+1)
  (n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - x i') (x i - x i')) ^+ 2)))
<= 2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i -
  n.+1%:R^-1 *: (\sum_(i' < n.+1) x i'))) ^+ 2)).
Definition ok_medoid_squared : stmt_medoid_squared := @Boundcheck.Clustering.medoid_squared.
Print Assumptions Boundcheck.Clustering.medoid_squared.

(* medoid: min_{i′} mean_i ‖x_i − x_i′‖ ≤ 2·min_j mean_i ‖x_i − z_j‖ *)
Definition stmt_medoid : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
(\big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - x ord0)))]_(i' < n.+1) (n.+1%:R^-1 * (\sum_(i < n.+1) N (x i
  - x i'))))
<= 2%:R * (\big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - z ord0)))]_(j < p.+1) (n.+1%:R^-1 * (\sum_(i <
  n.+1) N (x i - z j)))).
Definition ok_medoid : stmt_medoid := @Boundcheck.Searching.medoid.
Print Assumptions Boundcheck.Searching.medoid.

(* medoid-median: min_{i′} mean_i ‖x_i − x_i′‖ ≤ 2·inf_v mean_i ‖x_i − v‖ *)
Definition stmt_medoid_median : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x : 'I_n.+1 -> V),
forall (v_ : V),
(\big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - x ord0)))]_(i' < n.+1) (n.+1%:R^-1 * (\sum_(i < n.+1) N (x i
  - x i'))))
<= 2%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - v_))).
Definition ok_medoid_median : stmt_medoid_median := @Boundcheck.Searching.medoid_median.
Print Assumptions Boundcheck.Searching.medoid_median.

(* mean-minimises-squares: mean_i ‖x_i − mean_i′ x_i′‖^2 ≤ min_j mean_i ‖x_i − z_j‖^2 *)
Definition stmt_mean_minimises_squares : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')) (x i - n.+1%:R^-1 *:
  (\sum_(i' < n.+1) x i'))) ^+ 2)
<= \big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - z ord0) (x i - z ord0)) ^+ 2))]_(j < p.+1)
  (n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - z j) (x i - z j)) ^+ 2)).
Definition ok_mean_minimises_squares : stmt_mean_minimises_squares := @Boundcheck.Learning.mean_minimises_squares.
Print Assumptions Boundcheck.Learning.mean_minimises_squares.

(* bhatia-davis: mean_i ‖x_i − mean_i′ x_i′‖^2 ≤ ⟨max_i x_i − mean_i x_i, mean_i x_i − min_i x_i⟩ *)
Definition stmt_bhatia_davis : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1),
n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 l)) ^+ 2)
  ^+ 2)
<= \sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l)) *
  (n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l) - (\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l)).
Definition ok_bhatia_davis : stmt_bhatia_davis := @Boundcheck.Coordinates.bhatia_davis.
Print Assumptions Boundcheck.Coordinates.bhatia_davis.

(* popoviciu: mean_i ‖x_i − mean_i′ x_i′‖^2 ≤ 1/4·‖max_i x_i − min_i x_i‖^2 *)
Definition stmt_popoviciu : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1),
n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 l)) ^+ 2)
  ^+ 2)
<= (1 / 4%:R) * Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.min/x ord0 0
  l]_(i < n.+1) x i 0 l)) ^+ 2) ^+ 2.
Definition ok_popoviciu : stmt_popoviciu := @Boundcheck.Coordinates.popoviciu.
Print Assumptions Boundcheck.Coordinates.popoviciu.

(* between-and-within: mean_a ‖C_a − mean_a′ C_a′‖^2 = mean_c K·n_c·(mean_i ‖C_{c,i} − mean_i′ C_{c,i′}‖^2 + ‖mean_i C_{c,i} − mean_a C_a‖^2) / N *)
Definition stmt_between_and_within : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> V),
(\sum_(c < K.+2) (n c).+1)%:R^-1 * (\sum_(a : {c : 'I_K.+2 & 'I_(n c).+1}) Num.sqrt (ip (C (tag a) (tagged a) -
  (\sum_(c < K.+2) (n c).+1)%:R^-1 *: (\sum_(a' : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag a') (tagged a'))) (C (tag a)
  (tagged a) - (\sum_(c < K.+2) (n c).+1)%:R^-1 *: (\sum_(a' : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag a') (tagged
  a')))) ^+ 2)
= K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R * (n c).+1%:R / (\sum_(c < K.+2) (n c).+1)%:R * ((n c).+1%:R^-1 * (\sum_(i
  < (n c).+1) Num.sqrt (ip (C c i - (n c).+1%:R^-1 *: (\sum_(i' < (n c).+1) C c i')) (C c i - (n c).+1%:R^-1 *:
  (\sum_(i' < (n c).+1) C c i'))) ^+ 2) + Num.sqrt (ip ((n c).+1%:R^-1 *: (\sum_(i < (n c).+1) C c i) - (\sum_(c <
  K.+2) (n c).+1)%:R^-1 *: (\sum_(a : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag a) (tagged a))) ((n c).+1%:R^-1 *:
  (\sum_(i < (n c).+1) C c i) - (\sum_(c < K.+2) (n c).+1)%:R^-1 *: (\sum_(a : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag
  a) (tagged a)))) ^+ 2)).
Definition ok_between_and_within : stmt_between_and_within := @Boundcheck.Families.between_and_within.
Print Assumptions Boundcheck.Families.between_and_within.

(* ward: (n + p)·q·‖(n·(mean_i x_i) + p·(mean_j z_j)) / (n + p) − mean_k w_k‖^2 / (n + p + q) = ((n + q)·n·q·‖mean_i x_i − mean_k w_k‖^2 / (n + q) + (p + q)·p·q·‖mean_j z_j − mean_k w_k‖^2 / (p + q) − q·n·p·‖mean_i x_i − mean_j z_j‖^2 / (n + p)) / (n + p + q) *)
Definition stmt_ward : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
(n.+1%:R + p.+1%:R) * q.+1%:R / (n.+1%:R + p.+1%:R + q.+1%:R) * Num.sqrt (ip ((n.+1%:R + p.+1%:R)^-1 *: (n.+1%:R
  *: (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) + p.+1%:R *: (p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) - q.+1%:R^-1 *:
  (\sum_(k < q.+1) w k)) ((n.+1%:R + p.+1%:R)^-1 *: (n.+1%:R *: (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) + p.+1%:R *:
  (p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k))) ^+ 2
= ((n.+1%:R + q.+1%:R) * n.+1%:R * q.+1%:R / (n.+1%:R + q.+1%:R) * Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x
  i) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(k < q.+1)
  w k))) ^+ 2 + (p.+1%:R + q.+1%:R) * p.+1%:R * q.+1%:R / (p.+1%:R + q.+1%:R) * Num.sqrt (ip (p.+1%:R^-1 *:
  (\sum_(j < p.+1) z j) - q.+1%:R^-1 *: (\sum_(k < q.+1) w k)) (p.+1%:R^-1 *: (\sum_(j < p.+1) z j) - q.+1%:R^-1
  *: (\sum_(k < q.+1) w k))) ^+ 2 - q.+1%:R * n.+1%:R * p.+1%:R / (n.+1%:R + p.+1%:R) * Num.sqrt (ip (n.+1%:R^-1
  *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) -
  p.+1%:R^-1 *: (\sum_(j < p.+1) z j))) ^+ 2) / (n.+1%:R + p.+1%:R + q.+1%:R).
Definition ok_ward : stmt_ward := @Boundcheck.Clustering.ward.
Print Assumptions Boundcheck.Clustering.ward.

(* average-linkage: (Σ_{i,k} ‖x_i − w_k‖ + Σ_{j,k} ‖z_j − w_k‖) / ((n + p)·q) = (n·mean_{i,k} ‖x_i − w_k‖ + p·mean_{j,k} ‖z_j − w_k‖) / (n + p) *)
Definition stmt_average_linkage : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
((\sum_(i < n.+1) \sum_(k < q.+1) N (x i - w k)) + (\sum_(j < p.+1) \sum_(k < q.+1) N (z j - w k))) / ((n.+1%:R +
  p.+1%:R) * q.+1%:R)
= (n.+1%:R * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (x i - w k)))) + p.+1%:R * (p.+1%:R^-1
  * (\sum_(j < p.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (z j - w k))))) / (n.+1%:R + p.+1%:R).
Definition ok_average_linkage : stmt_average_linkage := @Boundcheck.Searching.average_linkage.
Print Assumptions Boundcheck.Searching.average_linkage.

(* pivots: max_k |‖z_j − w_k‖ − ‖x_i − w_k‖| ≤ ‖x_i − z_j‖ for all i, j *)
Definition stmt_pivots : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
forall (i : 'I_n.+1) (j : 'I_p.+1),
(\big[Num.max/`|(N (z j - w ord0) - N (x i - w ord0))|]_(k < q.+1) `|(N (z j - w k) - N (x i - w k))|)
<= N (x i - z j).
Definition ok_pivots : stmt_pivots := @Boundcheck.Searching.pivots.
Print Assumptions Boundcheck.Searching.pivots.

(* pivots-above: ‖x_i − z_j‖ ≤ min_k (‖x_i − w_k‖ + ‖w_k − z_j‖) for all i, j *)
Definition stmt_pivots_above : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
forall (i : 'I_n.+1) (j : 'I_p.+1),
N (x i - z j)
<= \big[Num.min/(N (x i - w ord0) + N (w ord0 - z j))]_(k < q.+1) (N (x i - w k) + N (w k - z j)).
Definition ok_pivots_above : stmt_pivots_above := @Boundcheck.Searching.pivots_above.
Print Assumptions Boundcheck.Searching.pivots_above.

(* ptolemy: ‖x_i − w_k‖·‖z_j − w_k′‖ ≤ ‖x_i − w_k′‖·‖z_j − w_k‖ + ‖x_i − z_j‖·‖w_k − w_k′‖ for all i, j, k, k′ *)
Definition stmt_ptolemy : Prop :=
forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
forall (i : 'I_n.+1) (j : 'I_p.+1) (k k' : 'I_q.+1),
Num.sqrt (ip (x i - w k) (x i - w k)) * Num.sqrt (ip (z j - w k') (z j - w k'))
<= Num.sqrt (ip (x i - w k') (x i - w k')) * Num.sqrt (ip (z j - w k) (z j - w k)) + Num.sqrt (ip (x i - z j) (x i
  - z j)) * Num.sqrt (ip (w k - w k') (w k - w k')).
Definition ok_ptolemy : stmt_ptolemy := @Boundcheck.Learning.ptolemy.
Print Assumptions Boundcheck.Learning.ptolemy.

(* elkan: ‖x_i − z_j‖ ≤ ‖x_i − w_k‖ for all i, j, k, if 2·‖x_i − z_j‖ − ‖z_j − w_k‖ ≤ 0 for all i, j, k *)
Definition stmt_elkan : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V),
(forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), 2%:R * N (x i - z j) - N (z j - w k) <= 0) ->
forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
N (x i - z j)
<= N (x i - w k).
Definition ok_elkan : stmt_elkan := @Boundcheck.Searching.elkan.
Print Assumptions Boundcheck.Searching.elkan.

(* covering-ball: ‖z_j − mean_i x_i‖ − max_i ‖x_i − mean_i′ x_i′‖ ≤ min_i ‖x_i − z_j‖ for all j *)
Definition stmt_covering_ball : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
forall (j : 'I_p.+1),
N (z j - n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) - (\big[Num.max/N (x ord0 - n.+1%:R^-1 *: (\sum_(i' < n.+1) x
  i'))]_(i < n.+1) N (x i - n.+1%:R^-1 *: (\sum_(i' < n.+1) x i')))
<= \big[Num.min/N (x ord0 - z j)]_(i < n.+1) N (x i - z j).
Definition ok_covering_ball : stmt_covering_ball := @Boundcheck.Searching.covering_ball.
Print Assumptions Boundcheck.Searching.covering_ball.

(* scalar-quantiser: ‖x_l − z_l‖₂ ≤ 1/2·Δ·√(D) for all l, if n = p and 2·‖x_l − z_l‖_∞ ≤ Δ for all l *)
Definition stmt_scalar_quantiser : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) (Δ : R),
(forall (l_ : 'I_n.+1), 2%:R * (\big[Num.max/0]_(l < d.+1) `|x l_ 0 l - z l_ 0 l|) <= Δ) ->
forall (l_ : 'I_n.+1),
Num.sqrt (\sum_(l < d.+1) (x l_ 0 l - z l_ 0 l) ^+ 2)
<= (1 / 2%:R) * Δ * Num.sqrt d.+1%:R.
Definition ok_scalar_quantiser : stmt_scalar_quantiser := @Boundcheck.Coordinates.scalar_quantiser.
Print Assumptions Boundcheck.Coordinates.scalar_quantiser.

(* scalar-quantiser-distances: |‖x_l − x_l′‖₂ − ‖z_l − z_l′‖₂| ≤ Δ·√(D) for all l, l′, if n = p and 2·‖x_l − z_l‖_∞ ≤ Δ for all l *)
Definition stmt_scalar_quantiser_distances : Prop :=
forall (R : rcfType) (d : nat),
forall (n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) (Δ : R),
(forall (l_ : 'I_n.+1), 2%:R * (\big[Num.max/0]_(l < d.+1) `|x l_ 0 l - z l_ 0 l|) <= Δ) ->
forall (l_ l' : 'I_n.+1),
`|(Num.sqrt (\sum_(l < d.+1) (x l_ 0 l - x l' 0 l) ^+ 2) - Num.sqrt (\sum_(l < d.+1) (z l_ 0 l - z l' 0 l) ^+ 2))|
<= Δ * Num.sqrt d.+1%:R.
Definition ok_scalar_quantiser_distances : stmt_scalar_quantiser_distances := @Boundcheck.Coordinates.scalar_quantiser_distances.
Print Assumptions Boundcheck.Coordinates.scalar_quantiser_distances.

(* symmetric-distance: |‖x_l − x_l′‖ − ‖z_l − z_l′‖| ≤ 2·ε for all l, l′, if n = p and ‖x_l − z_l‖ ≤ ε for all l *)
Definition stmt_symmetric_distance : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z : 'I_n.+1 -> V) (ε : R),
(forall (l : 'I_n.+1), N (x l - z l) <= ε) ->
forall (l l' : 'I_n.+1),
`|(N (x l - x l') - N (z l - z l'))|
<= 2%:R * ε.
Definition ok_symmetric_distance : stmt_symmetric_distance := @Boundcheck.Searching.symmetric_distance.
Print Assumptions Boundcheck.Searching.symmetric_distance.

(* asymmetric-distance: |‖w_k − x_l‖ − ‖w_k − z_l‖| ≤ ‖x_l − z_l‖ for all k, l, if n = p *)
Definition stmt_asymmetric_distance : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V),
forall (k : 'I_q.+1) (l : 'I_n.+1),
`|(N (w k - x l) - N (w k - z l))|
<= N (x l - z l).
Definition ok_asymmetric_distance : stmt_asymmetric_distance := @Boundcheck.Searching.asymmetric_distance.
Print Assumptions Boundcheck.Searching.asymmetric_distance.

(* distance-distortion: mean_{k,l} (‖w_k − x_l‖ − ‖w_k − z_l‖)^2 ≤ mean_l ‖x_l − z_l‖^2, if n = p *)
Definition stmt_distance_distortion : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n q : nat) (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V),
q.+1%:R^-1 * (\sum_(k < q.+1) n.+1%:R^-1 * (\sum_(l < n.+1) (N (w k - x l) - N (w k - z l)) ^+ 2))
<= n.+1%:R^-1 * (\sum_(l < n.+1) N (x l - z l) ^+ 2).
Definition ok_distance_distortion : stmt_distance_distortion := @Boundcheck.Searching.distance_distortion.
Print Assumptions Boundcheck.Searching.distance_distortion.

(* relaxed-transport: max{mean_i min_j ‖x_i − z_j‖, mean_j min_i ‖x_i − z_j‖} ≤ W₁(x, z) *)
Definition stmt_relaxed_transport : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
forall (P : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= P i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) P i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) P i j = p.+1%:R^-1) ->
Num.max (n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - z ord0)]_(j < p.+1) N (x i - z j))) (p.+1%:R^-1 *
  (\sum_(j < p.+1) \big[Num.min/N (x ord0 - z j)]_(i < n.+1) N (x i - z j)))
<= \sum_(i < n.+1) \sum_(j < p.+1) P i j * N (x i - z j).
Definition ok_relaxed_transport : stmt_relaxed_transport := @Boundcheck.Couplings.relaxed_transport.
Print Assumptions Boundcheck.Couplings.relaxed_transport.

(* chamfer-transport: mean_i min_j ‖x_i − z_j‖^2 + mean_j min_i ‖x_i − z_j‖^2 ≤ 2·max{max_{i,j} ‖x_i − z_j‖, max_{i,i′} ‖x_i − x_i′‖, max_{j,j′} ‖z_j − z_j′‖}·W₁(x, z) *)
Definition stmt_chamfer_transport : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (T : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
(forall (T' : 'I_n.+1 -> 'I_p.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) -> (forall (i :
  'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) -> (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
  \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j))
  ->
n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/(N (x i - z ord0) ^+ 2)]_(j < p.+1) N (x i - z j) ^+ 2) + p.+1%:R^-1 *
  (\sum_(j < p.+1) \big[Num.min/(N (x ord0 - z j) ^+ 2)]_(i < n.+1) N (x i - z j) ^+ 2)
<= 2%:R * Num.max (\big[Num.max/(\big[Num.max/N (x ord0 - z ord0)]_(j < p.+1) N (x ord0 - z j))]_(i < n.+1)
  \big[Num.max/N (x i - z ord0)]_(j < p.+1) N (x i - z j)) (Num.max (\big[Num.max/(\big[Num.max/N (x ord0 - x
  ord0)]_(i' < n.+1) N (x ord0 - x i'))]_(i < n.+1) \big[Num.max/N (x i - x ord0)]_(i' < n.+1) N (x i - x i'))
  (\big[Num.max/(\big[Num.max/N (z ord0 - z ord0)]_(j' < p.+1) N (z ord0 - z j'))]_(j < p.+1) \big[Num.max/N (z j
  - z ord0)]_(j' < p.+1) N (z j - z j'))) * (\sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j)).
Definition ok_chamfer_transport : stmt_chamfer_transport := @Boundcheck.Couplings.chamfer_transport.
Print Assumptions Boundcheck.Couplings.chamfer_transport.

(* domain-adaptation: mean_j ‖h(z_j) − h′(z_j)‖ ≤ mean_i ‖h(x_i) − h′(x_i)‖ + 2·K·W₁(x, z), if ‖h(u) − h(v)‖ ≤ K·‖u − v‖ for all u, v, where K ≥ 0 and ‖h′(u) − h′(v)‖ ≤ K·‖u − v‖ for all u, v, where K ≥ 0 *)
Definition stmt_domain_adaptation : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (V' : lmodType R) (N' : V' -> R),
(forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
forall (h : V -> V'),
forall (h' : V -> V'),
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (K : R) (T : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
(forall (T' : 'I_n.+1 -> 'I_p.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) -> (forall (i :
  'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) -> (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
  \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j))
  ->
0 <= K ->
(forall u v, N' (h u - h v) <= K * N (u - v)) ->
0 <= K ->
(forall u v, N' (h' u - h' v) <= K * N (u - v)) ->
p.+1%:R^-1 * (\sum_(j < p.+1) N' (h (z j) - h' (z j)))
<= n.+1%:R^-1 * (\sum_(i < n.+1) N' (h (x i) - h' (x i))) + 2%:R * K * (\sum_(i < n.+1) \sum_(j < p.+1) T i j * N
  (x i - z j)).
Definition ok_domain_adaptation : stmt_domain_adaptation := @Boundcheck.Couplings.domain_adaptation.
Print Assumptions Boundcheck.Couplings.domain_adaptation.

(* maximum-hausdorff: ‖max_i x_i − max_j z_j‖ ≤ √(D)·max{max_i min_j ‖x_i − z_j‖, max_j min_i ‖x_i − z_j‖} *)
Definition stmt_maximum_hausdorff : Prop :=
forall (R : rcfType) (d : nat),
forall (n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1),
Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.max/z ord0 0 l]_(j < p.+1) z
  j 0 l)) ^+ 2)
<= Num.sqrt d.+1%:R * Num.max (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - z ord0 0 l) ^+
  2)]_(j < p.+1) Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - z j 0 l) ^+ 2))]_(i < n.+1) \big[Num.min/Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - z ord0 0 l) ^+ 2)]_(j < p.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2))
  (\big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - z ord0 0 l) ^+ 2)]_(i < n.+1) Num.sqrt
  (\sum_(l < d.+1) (x i 0 l - z ord0 0 l) ^+ 2))]_(j < p.+1) \big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l -
  z j 0 l) ^+ 2)]_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2)).
Definition ok_maximum_hausdorff : stmt_maximum_hausdorff := @Boundcheck.SetFunctions.maximum_hausdorff.
Print Assumptions Boundcheck.SetFunctions.maximum_hausdorff.

(* minimum-hausdorff: ‖min_i x_i − min_j z_j‖ ≤ max{max_i min_j ‖x_i − z_j‖, max_j min_i ‖x_i − z_j‖} *)
Definition stmt_minimum_hausdorff : Prop :=
forall (R : realFieldType) (d : nat),
forall (n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1),
(\big[Num.max/0]_(l < d.+1) `|(\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.min/z ord0 0 l]_(j < p.+1)
  z j 0 l)|)
<= Num.max (\big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - z ord0 0 l|)]_(j < p.+1)
  \big[Num.max/0]_(l < d.+1) `|x ord0 0 l - z j 0 l|)]_(i < n.+1) \big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0
  l - z ord0 0 l|)]_(j < p.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|)
  (\big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - z ord0 0 l|)]_(i < n.+1)
  \big[Num.max/0]_(l < d.+1) `|x i 0 l - z ord0 0 l|)]_(j < p.+1) \big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x
  ord0 0 l - z j 0 l|)]_(i < n.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|).
Definition ok_minimum_hausdorff : stmt_minimum_hausdorff := @Boundcheck.SetFunctions.minimum_hausdorff.
Print Assumptions Boundcheck.SetFunctions.minimum_hausdorff.

(* sum-transport: ‖Σ_i x_i − Σ_j z_j‖ ≤ n·W₁(x, z), if n = p *)
Definition stmt_sum_transport : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n : nat) (x z : 'I_n.+1 -> V) (T : 'I_n.+1 -> 'I_n.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_n.+1), 0 <= T i j) ->
(forall (i : 'I_n.+1), \sum_(j < n.+1) T i j = n.+1%:R^-1) ->
(forall (j : 'I_n.+1), \sum_(i < n.+1) T i j = n.+1%:R^-1) ->
(forall (T' : 'I_n.+1 -> 'I_n.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_n.+1), 0 <= T' i j) -> (forall (i :
  'I_n.+1), \sum_(j < n.+1) T' i j = n.+1%:R^-1) -> (forall (j : 'I_n.+1), \sum_(i < n.+1) T' i j = n.+1%:R^-1) ->
  \sum_(i < n.+1) \sum_(j < n.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < n.+1) T' i j * N (x i - z j))
  ->
N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j))
<= n.+1%:R * (\sum_(i < n.+1) \sum_(j < n.+1) T i j * N (x i - z j)).
Definition ok_sum_transport : stmt_sum_transport := @Boundcheck.Couplings.sum_transport.
Print Assumptions Boundcheck.Couplings.sum_transport.

(* encoded-mean: ‖mean_i g(x_i) − mean_j g(z_j)‖ ≤ L·W₁(x, z), if ‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all u, v, where L ≥ 0 *)
Definition stmt_encoded_mean : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (V' : lmodType R) (N' : V' -> R),
(forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
forall (g : V -> V'),
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (L : R) (T : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
(forall (T' : 'I_n.+1 -> 'I_p.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) -> (forall (i :
  'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) -> (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
  \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j))
  ->
0 <= L ->
(forall u v, N' (g u - g v) <= L * N (u - v)) ->
N' (n.+1%:R^-1 *: (\sum_(i < n.+1) g (x i)) - p.+1%:R^-1 *: (\sum_(j < p.+1) g (z j)))
<= L * (\sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j)).
Definition ok_encoded_mean : stmt_encoded_mean := @Boundcheck.Couplings.encoded_mean.
Print Assumptions Boundcheck.Couplings.encoded_mean.

(* deep-sets: ‖ρ(mean_i φ(x_i)) − ρ(mean_j φ(z_j))‖ ≤ L₂·L₁·W₁(x, z), if ‖φ(u) − φ(v)‖ ≤ L₁·‖u − v‖ for all u, v, where L₁ ≥ 0 and ‖ρ(u) − ρ(v)‖ ≤ L₂·‖u − v‖ for all u, v, where L₂ ≥ 0 *)
Definition stmt_deep_sets : Prop :=
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (V' : lmodType R) (N' : V' -> R),
(forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
forall (V'' : lmodType R) (N'' : V'' -> R),
(forall u v, N'' (u + v) <= N'' u + N'' v) -> (forall (a : R) v, N'' (a *: v) = `|a| * N'' v) ->
forall (ρ : V' -> V''),
forall (φ : V -> V'),
forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (L₁ L₂ : R) (T : 'I_n.+1 -> 'I_p.+1 -> R),
(forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
(forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
(forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
(forall (T' : 'I_n.+1 -> 'I_p.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) -> (forall (i :
  'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) -> (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
  \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j))
  ->
0 <= L₁ ->
(forall u v, N' (φ u - φ v) <= L₁ * N (u - v)) ->
0 <= L₂ ->
(forall u v, N'' (ρ u - ρ v) <= L₂ * N' (u - v)) ->
N'' (ρ (n.+1%:R^-1 *: (\sum_(i < n.+1) φ (x i))) - ρ (p.+1%:R^-1 *: (\sum_(j < p.+1) φ (z j))))
<= L₂ * L₁ * (\sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j)).
Definition ok_deep_sets : stmt_deep_sets := @Boundcheck.Couplings.deep_sets.
Print Assumptions Boundcheck.Couplings.deep_sets.

(** What follows speaks of exponentials, logarithms or angles. *)

From mathcomp Require Import reals sequences exp trigo.

(* infonce-log-n: mean_l (⟨x_l, z_l⟩ − logΣexp_j ⟨x_l, z_j⟩) + log(n) ≤ log(n), if n = p *)
Definition stmt_infonce_log_n : Prop :=
forall (R : realType) (d : nat),
forall (n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1),
n.+1%:R^-1 * (\sum_(l_ < n.+1) ((\sum_(l < d.+1) x l_ 0 l * z l_ 0 l) - ln (\sum_(j < n.+1) expR (\sum_(l < d.+1)
  x l_ 0 l * z j 0 l)))) + ln n.+1%:R
<= ln n.+1%:R.
Definition ok_infonce_log_n : stmt_infonce_log_n := @Boundcheck.Exponentials.infonce_log_n.
Print Assumptions Boundcheck.Exponentials.infonce_log_n.

(* alignment-uniformity: mean_{l,j} log(exp(⟨x_l, z_l⟩) + exp(⟨x_l, z_j⟩)) − mean_l ⟨x_l, z_l⟩ ≤ mean_l log(exp(⟨x_l, z_l⟩) + mean_j exp(⟨x_l, z_j⟩)) − mean_l ⟨x_l, z_l⟩, if n = p *)
Definition stmt_alignment_uniformity : Prop :=
forall (R : realType) (d : nat),
forall (n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1),
n.+1%:R^-1 * (\sum_(l_ < n.+1) n.+1%:R^-1 * (\sum_(j < n.+1) ln (expR (\sum_(l < d.+1) x l_ 0 l * z l_ 0 l) + expR
  (\sum_(l < d.+1) x l_ 0 l * z j 0 l)))) - n.+1%:R^-1 * (\sum_(l_ < n.+1) \sum_(l < d.+1) x l_ 0 l * z l_ 0 l)
<= n.+1%:R^-1 * (\sum_(l_ < n.+1) ln (expR (\sum_(l < d.+1) x l_ 0 l * z l_ 0 l) + n.+1%:R^-1 * (\sum_(j < n.+1)
  expR (\sum_(l < d.+1) x l_ 0 l * z j 0 l)))) - n.+1%:R^-1 * (\sum_(l_ < n.+1) \sum_(l < d.+1) x l_ 0 l * z l_ 0
  l).
Definition ok_alignment_uniformity : stmt_alignment_uniformity := @Boundcheck.Exponentials.alignment_uniformity.
Print Assumptions Boundcheck.Exponentials.alignment_uniformity.

(* lifted-structure: mean_{i,j} (max_k max{α − ‖x_i − w_k‖, α − ‖z_j − w_k‖} + ‖x_i − z_j‖) ≤ mean_{i,j} (log(Σ_k (exp(α − ‖x_i − w_k‖) + exp(α − ‖z_j − w_k‖))) + ‖x_i − z_j‖) *)
Definition stmt_lifted_structure : Prop :=
forall (R : realType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (α : R),
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) ((\big[Num.max/Num.max (α - N (x i - w ord0)) (α - N
  (z j - w ord0))]_(k < q.+1) Num.max (α - N (x i - w k)) (α - N (z j - w k))) + N (x i - z j))))
<= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) (ln (\sum_(k < q.+1) (expR (α - N (x i - w k)) +
  expR (α - N (z j - w k)))) + N (x i - z j)))).
Definition ok_lifted_structure : stmt_lifted_structure := @Boundcheck.Exponentials.lifted_structure.
Print Assumptions Boundcheck.Exponentials.lifted_structure.

(* lifted-structure-above: mean_{i,j} (log(Σ_k (exp(α − ‖x_i − w_k‖) + exp(α − ‖z_j − w_k‖))) + ‖x_i − z_j‖) ≤ mean_{i,j} (max_k max{α − ‖x_i − w_k‖, α − ‖z_j − w_k‖} + ‖x_i − z_j‖) + log(2·q) *)
Definition stmt_lifted_structure_above : Prop :=
forall (R : realType) (V : lmodType R) (N : V -> R),
(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (α : R),
n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) (ln (\sum_(k < q.+1) (expR (α - N (x i - w k)) + expR
  (α - N (z j - w k)))) + N (x i - z j))))
<= n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) ((\big[Num.max/Num.max (α - N (x i - w ord0)) (α -
  N (z j - w ord0))]_(k < q.+1) Num.max (α - N (x i - w k)) (α - N (z j - w k))) + N (x i - z j)))) + ln (2%:R *
  q.+1%:R).
Definition ok_lifted_structure_above : stmt_lifted_structure_above := @Boundcheck.Exponentials.lifted_structure_above.
Print Assumptions Boundcheck.Exponentials.lifted_structure_above.

(* mean-classifier-logistic: mean_{c,c′′≠c,i} softplus(−⟨C_{c,i}, mean_i′ C_{c,i′} − mean_k C_{c′′,k}⟩) / log(2) ≤ (mean_{c,c′,i,i′,j} softplus(−⟨C_{c,i}, C_{c,i′} − C_{c′,j}⟩) / log(2) − K^(−1)) / (1 − K^(−1)) *)
Definition stmt_mean_classifier_logistic : Prop :=
forall (R : realType) (d : nat),
forall (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> 'rV[R]_d.+1),
K.+2%:R^-1 * (\sum_(c < K.+2) K.+1%:R^-1 * (\sum_(c'' < K.+2 | c'' != c) (n c).+1%:R^-1 * (\sum_(i < (n c).+1) ln
  (1 + expR (- (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l) - (n c'').+1%:R^-1 *
  (\sum_(k < (n c'').+1) C c'' k 0 l))))) / ln 2%:R)))
<= (K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R^-1 * (\sum_(c' < K.+2) (n c).+1%:R^-1 * (\sum_(i < (n c).+1) (n
  c).+1%:R^-1 * (\sum_(i' < (n c).+1) (n c').+1%:R^-1 * (\sum_(j < (n c').+1) ln (1 + expR (- (\sum_(l < d.+1) C c
  i 0 l * (C c i' 0 l - C c' j 0 l)))) / ln 2%:R))))) - K.+2%:R^-1) / (1 - K.+2%:R^-1).
Definition ok_mean_classifier_logistic : stmt_mean_classifier_logistic := @Boundcheck.Exponentials.mean_classifier_logistic.
Print Assumptions Boundcheck.Exponentials.mean_classifier_logistic.

(* softmax-margin: ‖x_i / ‖x_i‖ − z_j / ‖z_j‖‖ − ‖x_i / ‖x_i‖ − w_k / ‖w_k‖‖ ≤ √(4 + min{2·(|τ|·logΣexp_{k′} cos(x_i, w_k′) / |τ| − cos(x_i, z_j)), 0}) − 2 + √(max{2·(|τ|·logΣexp_{k′} cos(x_i, w_k′) / |τ| − cos(x_i, z_j)), 0}) for all i, j, k, if 0 < ‖x_i‖ for all i and 0 < ‖z_j‖ for all j and 0 < ‖w_k‖ for all k and 0 < |τ| *)
Definition stmt_softmax_margin : Prop :=
forall (R : realType) (V : lmodType R) (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (τ : R),
(forall (i : 'I_n.+1), 0 < Num.sqrt (ip (x i) (x i))) ->
(forall (j : 'I_p.+1), 0 < Num.sqrt (ip (z j) (z j))) ->
(forall (k : 'I_q.+1), 0 < Num.sqrt (ip (w k) (w k))) ->
(0 < `|τ|) ->
forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
Num.sqrt (ip ((Num.sqrt (ip (x i) (x i)))^-1 *: x i - (Num.sqrt (ip (z j) (z j)))^-1 *: z j) ((Num.sqrt (ip (x i)
  (x i)))^-1 *: x i - (Num.sqrt (ip (z j) (z j)))^-1 *: z j)) - Num.sqrt (ip ((Num.sqrt (ip (x i) (x i)))^-1 *: x
  i - (Num.sqrt (ip (w k) (w k)))^-1 *: w k) ((Num.sqrt (ip (x i) (x i)))^-1 *: x i - (Num.sqrt (ip (w k) (w
  k)))^-1 *: w k))
<= Num.sqrt (4%:R + Num.min (2%:R * (`|τ| * ln (\sum_(k' < q.+1) expR ((ip (x i) (w k') / (Num.sqrt (ip (x i) (x
  i)) * Num.sqrt (ip (w k') (w k')))) / `|τ|)) - ip (x i) (z j) / (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (z j)
  (z j))))) 0) - 2%:R + Num.sqrt (Num.max (2%:R * (`|τ| * ln (\sum_(k' < q.+1) expR ((ip (x i) (w k') / (Num.sqrt
  (ip (x i) (x i)) * Num.sqrt (ip (w k') (w k')))) / `|τ|)) - ip (x i) (z j) / (Num.sqrt (ip (x i) (x i)) *
  Num.sqrt (ip (z j) (z j))))) 0).
Definition ok_softmax_margin : stmt_softmax_margin := @Boundcheck.Exponentials.softmax_margin.
Print Assumptions Boundcheck.Exponentials.softmax_margin.

(* bregman-exponential: mean_i Σ_t (exp((x_i)_t) − exp((mean_i′ x_i′)_t) − ((x_i)_t − (mean_i′ x_i′)_t)·exp((mean_i′ x_i′)_t)) ≤ min_j mean_i Σ_t (exp((x_i)_t) − exp((z_j)_t) − ((x_i)_t − (z_j)_t)·exp((z_j)_t)) *)
Definition stmt_bregman_exponential : Prop :=
forall (R : realType) (d : nat),
forall (n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1),
n.+1%:R^-1 * (\sum_(i < n.+1) \sum_(t < d.+1) (expR (x i 0 t) - expR (n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)) -
  (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)) * expR (n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t))))
<= \big[Num.min/(n.+1%:R^-1 * (\sum_(i < n.+1) \sum_(t < d.+1) (expR (x i 0 t) - expR (z ord0 0 t) - (x i 0 t - z
  ord0 0 t) * expR (z ord0 0 t))))]_(j < p.+1) (n.+1%:R^-1 * (\sum_(i < n.+1) \sum_(t < d.+1) (expR (x i 0 t) -
  expR (z j 0 t) - (x i 0 t - z j 0 t) * expR (z j 0 t)))).
Definition ok_bregman_exponential : stmt_bregman_exponential := @Boundcheck.Exponentials.bregman_exponential.
Print Assumptions Boundcheck.Exponentials.bregman_exponential.
