(** Upper bounds on the distance of two centroids, and a lower one, in any norm.

      nearest N q w (x i)                        the distance from x i to the nearest negative
      m + \mean_(i < n.+1) nearest N q w (x i)   U2, the directed Chamfer bound
      m + hausdorff_distance N n q x w                    the directed Hausdorff bound
      share n a i      the share of point i in a weighted mean (U3): also attention, medoids, means of a subset
      s, pi            an assignment and a coupling: what U1, optimal transport, is the least of *)

From mathcomp Require Import all_ssreflect all_algebra perm.
From Boundcheck Require Import Extrema Norms Karimov.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section AnyNorm.
Set Default Proof Using "All".  (* every statement names both laws, used or not *)
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

(* --------------------------------------------------------------------------------------------- optimal transport *)

(** Every assignment is an upper bound, so the best one is. *)
Theorem assignment n (x z : 'I_n.+1 -> V) (s : {perm 'I_n.+1}) :
  N (centroid n x - centroid n z) <= \mean_(i < n.+1) N (x i - z (s i)).
Proof.
rewrite [\sum_(j < n.+1) z j](reindex_inj (@perm_inj _ s)) (karimov_1_centroids normD normZ x (z \o s)).
exact: (karimov_2_triangle normD normZ).
Qed.

(** Every coupling of the uniform measures is an upper bound, so the best one is. *)
Theorem transport n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (pi : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= pi i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) pi i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) pi i j = p.+1%:R^-1) ->
  N (centroid n x - centroid p z) <= \sum_(i < n.+1) \sum_(j < p.+1) pi i j * N (x i - z j).
Proof. by move=> pi_ge0 rows columns; rewrite !centroidE; apply: norm_coupling. Qed.

(* --------------------------------------------------------------------------------------------------- the premise *)

(** The premise at m holds just when m is at least this: the least m costs n (p + q) distances, not n p q triplets. *)
Theorem least_m n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) <->
  \big[Num.max/((\big[Num.max/N (x ord0 - z ord0)]_(j < p.+1) N (x ord0 - z j)) -
                nearest N q w (x ord0))]_(i < n.+1)
     ((\big[Num.max/N (x i - z ord0)]_(j < p.+1) N (x i - z j)) -
      nearest N q w (x i)) <= m.
Proof.
pose F i := (\big[Num.max/N (x i - z ord0)]_(j < p.+1) N (x i - z j)) -
            nearest N q w (x i).
split=> [premise|le_m i j k].
  apply: (@bigmax_le _ _ F) => i; rewrite ler_subl_addr.
  by apply: (bigmax_le (F := fun j => N (x i - z j))) => j; apply: (triplet_balls normD normZ).
apply: le_trans (le_trans (le_bigmax F i) le_m); apply: ler_sub.
  exact: (le_bigmax (fun j => N (x i - z j))).
exact: (bigmin_le (fun k => N (x i - w k))).
Qed.

(** The radii are never negative under the premise. *)
Theorem radius_ge0 n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  forall (i : 'I_n.+1), 0 <= m + nearest N q w (x i).
Proof. by move=> premise i; apply: le_trans (triplet_balls normD normZ premise i ord0); apply: norm_ge0. Qed.

(* ------------------------------------------------------------------------------------------- Chamfer, Hausdorff *)

Theorem hull n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V)
    (a : 'I_n.+1 -> R) (b : 'I_p.+1 -> R) (m : R) :
  (forall (i : 'I_n.+1), 0 <= a i) -> 0 < \sum_(i < n.+1) a i ->
  (forall (j : 'I_p.+1), 0 <= b j) -> 0 < \sum_(j < p.+1) b j ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N ((\sum_(i < n.+1) share n a i *: x i) - (\sum_(j < p.+1) share p b j *: z j)) <= m + (\sum_(i < n.+1) share n a i * nearest N q w (x i)).
Proof.
move=> a_ge0 a_gt0 b_ge0 b_gt0 premise; rewrite -average_shift ?share_sum //.
apply: (norm_balls normD normZ); rewrite ?share_sum //; try by move=> ?; apply: share_ge0.
exact: (triplet_balls normD normZ).
Qed.

Theorem chamfer n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (centroid n x - centroid p z) <= m + \mean_(i < n.+1) nearest N q w (x i).
Proof.
move=> premise; apply: le_trans (karimov_any_sizes_1_triangle normD normZ x z) _.
exact: (karimov_any_sizes_2_triplets normD normZ).
Qed.

(** The mean distance in place of the nearest: true as well, but weaker. *)
Theorem chamfer_by_mean n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (centroid n x - centroid p z) <= m + \mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k).
Proof.
move=> premise; apply: le_trans (chamfer premise) _; rewrite ler_add2l; apply: mean_mono => i.
by apply: mean_ge => k; apply: (bigmin_le (fun k => N (x i - w k))).
Qed.

(* ------------------------------------------------------------------------------------------ the order of the bounds *)

(** An average of the radii is at most the largest one. *)
Theorem hull_below_hausdorff n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (m : R) :
  (forall (i : 'I_n.+1), 0 <= a i) -> 0 < \sum_(i < n.+1) a i ->
  m + (\sum_(i < n.+1) share n a i * nearest N q w (x i)) <= m + hausdorff_distance N n q x w.
Proof.
move=> a_ge0 a_gt0; rewrite ler_add2l; apply: average_le; rewrite ?share_sum //.
  by move=> ?; apply: share_ge0.
exact: (le_bigmax (fun i => nearest N q w (x i))).
Qed.

Theorem hausdorff n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V)
    (a : 'I_n.+1 -> R) (b : 'I_p.+1 -> R) (m : R) :
  (forall (i : 'I_n.+1), 0 <= a i) -> 0 < \sum_(i < n.+1) a i ->
  (forall (j : 'I_p.+1), 0 <= b j) -> 0 < \sum_(j < p.+1) b j ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N ((\sum_(i < n.+1) share n a i *: x i) - (\sum_(j < p.+1) share p b j *: z j)) <= m + hausdorff_distance N n q x w.
Proof.
move=> a_ge0 a_gt0 b_ge0 b_gt0 premise; apply: le_trans (hull a_ge0 a_gt0 b_ge0 b_gt0 premise) _.
exact: hull_below_hausdorff.
Qed.

Theorem chamfer_below_hausdorff n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + \mean_(i < n.+1) nearest N q w (x i) <= m + hausdorff_distance N n q x w.
Proof.
rewrite ler_add2l; apply: mean_le.
exact: (le_bigmax (fun i => nearest N q w (x i))).
Qed.

Theorem hausdorff_below_farthest n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + hausdorff_distance N n q x w <= m + farthest N n q x w.
Proof.
rewrite ler_add2l; apply: bigmax_mono => i.
exact: (bigmin_le_bigmax (fun k => N (x i - w k))).
Qed.

Theorem farthest_below_karimov n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + farthest N n q x w <= 2%:R * Num.max m (farthest N n q x w).
Proof. exact: karimov_5_twice. Qed.

(** Transport from x to w costs at least the mean distance to the nearest negative. *)
Theorem chamfer_below_transport n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (pi : 'I_n.+1 -> 'I_q.+1 -> R) :
  (forall (i : 'I_n.+1) (k : 'I_q.+1), 0 <= pi i k) ->
  (forall (i : 'I_n.+1), \sum_(k < q.+1) pi i k = n.+1%:R^-1) ->
  (forall (k : 'I_q.+1), \sum_(i < n.+1) pi i k = q.+1%:R^-1) ->
  \mean_(i < n.+1) nearest N q w (x i) <= \sum_(i < n.+1) \sum_(k < q.+1) pi i k * N (x i - w k).
Proof.
move=> pi_ge0 rows _; rewrite meanE; apply: ler_sum => i _; rewrite -(rows i) mulr_suml.
by apply: ler_sum => k _; apply: ler_wpmul2l => //; apply: (bigmin_le (fun k => N (x i - w k))).
Qed.

(* -------------------------------------------------------------------------------------------- between two classes *)

(** Centroids are no farther apart than the farthest points. *)
Theorem centroids_le_farthest n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) :
  N (centroid n x - centroid q w) <= farthest N n q x w.
Proof.
apply: le_trans (norm_centroids normD normZ x w) _; apply: mean_le => i; apply: mean_le => k.
exact: (le_bigmax2 (fun i k => N (x i - w k))).
Qed.

(** So three centroids can settle theorem K: no distance between points is needed, nor is the premise. *)
Theorem centroids_decide_karimov n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  N (centroid n x - centroid p z) <=
  2%:R * N (centroid n x - centroid q w) ->
  N (centroid n x - centroid p z) <= 2%:R * Num.max m (farthest N n q x w).
Proof.
move=> le_twice; apply: le_trans le_twice _; apply: ler_wpmul2l; first exact: ler0n.
by rewrite le_maxr centroids_le_farthest orbT.
Qed.

(** A lower bound: two centroids are nearly as far apart as the points are on average. *)
Theorem spread n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) :
  \mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k) -
  \mean_(i < n.+1) \mean_(i' < n.+1) N (x i - x i') -
  \mean_(k < q.+1) \mean_(k' < q.+1) N (w k - w k') <= N (centroid n x - centroid q w).
Proof.
have near r (v : 'I_r.+1 -> V) i :
    N (v i - r.+1%:R^-1 *: \sum_(i' < r.+1) v i') <= \mean_(i' < r.+1) N (v i - v i').
  have := norm_centroids normD normZ (fun=> v i : V) v (n := 0).
  by rewrite !big_ord_recl !big_ord0 !addr0 invr1 scale1r mul1r.
set cx := _ *: (\sum_(i < n.+1) x i); set cw := _ *: (\sum_(k < q.+1) w k).
pose A i := \mean_(i' < n.+1) N (x i - x i').
pose B k := \mean_(k' < q.+1) N (w k - w k').
have le_via i k : N (x i - w k) <= A i + (N (cx - cw) + B k).
  apply: le_trans (dist_triangle normD cx _ _) (ler_add (near _ x i) _).
  by apply: le_trans (dist_triangle normD cw _ _) (ler_add (lexx _) _); rewrite distC // near.
rewrite -addrA -opprD ler_subl_addr.
apply: (@le_trans _ _ (\mean_(i < n.+1) (A i + (N (cx - cw) + \mean_(k < q.+1) B k)))).
  by apply: mean_mono => i; rewrite -!mean_shift; apply: mean_mono => k.
by rewrite meanD mean_const addrCA.
Qed.

End AnyNorm.

(** U2 cannot be lowered by a factor: x = 0, z = 2, w = 1, m = 1 on the line. *)
Theorem chamfer_sharp (R : realFieldType) (c : R) : c < 1 ->
  ~ (forall (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
      (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N (centroid n x - centroid p z) <=
      c * (m + \mean_(i < n.+1) nearest N q w (x i))).
Proof.
move=> lt_c1 /(_ [lmodType R of R^o] (fun v : R^o => `|v : R|) (@line_normD R) (@line_normZ R) 0%N 0%N 0%N).
move=> /(_ (fun=> 0) (fun=> 2%:R) (fun=> 1) 1).
rewrite !big_ord_recl !big_ord0 !addr0 invr1 !scale1r !sub0r !normrN normr1 normr_nat minxx mul1r.
have premise : 2%:R - 1 <= 1 :> R by rewrite ler_subl_addr.
by move=> /(_ (fun _ _ _ => premise)); rewrite ler_pmull ?ltr0n // (lt_geF lt_c1).
Qed.
